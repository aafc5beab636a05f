using System.Diagnostics;

namespace Haq.Build.Reliability;

/// <summary>The library that makes system calls fail, <c>eng/faults/shim.c</c>.</summary>
internal static class FaultShim
{
    /// <summary>Compiles it with the machine's compiler; null where there is none.</summary>
    public static string? Compile(string source, string folder)
    {
        string library = Path.Combine(folder, "shim.so");
        try
        {
            using var compiler = Process.Start(new ProcessStartInfo("cc", ["-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"]) { RedirectStandardError = true })!;
            compiler.WaitForExit();
            return compiler.ExitCode == 0 ? library : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    /// <summary>A build that meets a fault of its.</summary>
    /// <param name="shim">The compiled library.</param>
    /// <param name="project">What is built.</param>
    /// <param name="fault">Which, as the library takes it.</param>
    /// <param name="path">Part of the path of the file that cannot be read.</param>
    public static EngineEnd Run(string shim, TrialProject project, string fault, string path = "")
    {
        string fired = project["fired"];
        var end = EngineProcess.Run(project.Request, environment: new Dictionary<string, string> { ["LD_PRELOAD"] = shim, ["HAQ_FAULT"] = fault, ["HAQ_FAULT_PATH"] = path, ["HAQ_FAULT_FIRED"] = fired });
        return end with { IsEffective = File.Exists(fired) };
    }
}
