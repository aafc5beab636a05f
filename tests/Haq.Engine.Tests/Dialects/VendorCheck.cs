using System.Diagnostics;
using Haq.Engine.Onnx;

namespace Haq.Engine.Tests.Dialects;

/// <summary>
/// A second reading of the vendors' documents, in another language: tests/vendors/check.py, which shares no code, no profile and no reader of ONNX files with the engine.
/// Where there is no python3 it is left out.
/// </summary>
internal static class VendorCheck
{
    private static readonly Lazy<string?> s_python = new(FindPython);

    /// <summary>Whether there is a python3 that runs.</summary>
    public static bool IsThere => s_python.Value is not null;

    /// <summary>What breaks a rule: its name, the node, what is wrong. Empty where there is no python3.</summary>
    public static IReadOnlyList<(string Rule, string Node, string What)> Violations(string target, OnnxModel model)
    {
        if (!IsThere) return [];
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "model.onnx");
        model.Save(path);
        var (exit, output, error) = Run("check.py", target, path);
        Assert.True(exit is 0 or 1 && error.Length == 0, error);
        var found = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.TrimEnd('\r').Split('\t')).Select(f => (f[1], f[2], f[3])).ToArray();
        Assert.Equal(exit == 1, found.Length > 0);
        return found;
    }

    /// <summary>Runs one of the scripts.</summary>
    public static (int Exit, string Output, string Error) Run(string script, params string[] arguments)
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Haq.Build.sln"))) folder = Path.GetDirectoryName(folder);
        return Start(s_python.Value!, ["-B", Path.Combine(folder!, "tests", "vendors", script), .. arguments]);
    }

    private static (int Exit, string Output, string Error) Start(string program, IEnumerable<string> arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, errors.GetAwaiter().GetResult());
    }

    private static string? FindPython()
    {
        foreach (string name in (string[])["python3", "python"])
        {
            try
            {
                if (Start(name, ["-c", "import sys; sys.exit(sys.version_info < (3, 8))"]).Exit == 0) return name;
            }
            catch (System.ComponentModel.Win32Exception)
            {
                // No program of that name.
            }
        }
        return null;
    }
}
