using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;

namespace Haq.Build.Tasks;

/// <summary>Whether this machine can run the packaged engine, asked before it is started so that the answer is an error that says what to do.</summary>
internal static class EngineHost
{
    private const int RequiredMajor = 10;

    /// <summary>The error's code and text, or null where all is well.</summary>
    /// <param name="enginePath">The engine's assembly, beside its <c>runtimes</c> folder.</param>
    /// <param name="dotnet">The dotnet executable.</param>
    /// <param name="runtimeIdentifier">The SDK's own, such as <c>linux-musl-x64</c>; empty where unknown.</param>
    public static KeyValuePair<string, string>? Trouble(string enginePath, string dotnet, string runtimeIdentifier)
    {
        if (!File.Exists(enginePath)) return Error(TaskDiagnostics.EngineDefect, "the engine is not at '" + enginePath + "'. Restore again, or clear HaqEnginePath.");
        var frameworks = Path.Combine(Path.GetDirectoryName(dotnet) ?? "", "shared", "Microsoft.NETCore.App");
        if (Directory.Exists(frameworks))
        {
            var versions = new DirectoryInfo(frameworks).GetDirectories().Select(d => d.Name).ToArray();
            if (!versions.Any(v => Major(v) >= RequiredMajor))
            {
                return Error(TaskDiagnostics.RuntimeMissing, "the engine runs on .NET " + RequiredMajor + " or later; '" + frameworks + "' has " + string.Join(", ", versions)
                    + ". Install the .NET " + RequiredMajor + " runtime there; the project may go on targeting any framework.");
            }
        }
        var runtimes = Path.Combine(Path.GetDirectoryName(enginePath) ?? "", "runtimes");
        if (runtimeIdentifier.Length > 0 && Directory.Exists(runtimes) && !HasOnnxRuntime(Path.Combine(runtimes, runtimeIdentifier)))
        {
            var supported = new DirectoryInfo(runtimes).GetDirectories().Where(d => HasOnnxRuntime(d.FullName)).Select(d => d.Name).OrderBy(r => r, StringComparer.Ordinal);
            return Error(TaskDiagnostics.PlatformUnsupported, "ONNX Runtime has no native library for " + runtimeIdentifier + " here, only for " + string.Join(", ", supported)
                + ". Build on one of those, or set HaqEnabled=false here and take the model from there.");
        }
        return null;
    }

    private static bool HasOnnxRuntime(string runtime)
    {
        string native = Path.Combine(runtime, "native");
        return Directory.Exists(native) && Directory.EnumerateFiles(native, "*onnxruntime.*").Any();
    }

    private static int Major(string version) =>
        int.TryParse(version.Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out int major) ? major : 0;

    private static KeyValuePair<string, string>? Error(string code, string text) => new KeyValuePair<string, string>(code, text);
}
