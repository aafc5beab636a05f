using Haq.Build.Tasks;

namespace Haq.Engine.Diagnostics;

/// <content>08xx: the machine, cache, lock file and build.</content>
public static partial class DiagnosticCatalog
{
    /// <summary>An output or the cache cannot be written.</summary>
    public static readonly DiagnosticDescriptor CannotWrite = new(TaskDiagnostics.CannotWrite, "A file cannot be written", ExitCode.Machine);

    /// <summary>haq.lock.json cannot be read.</summary>
    public static readonly DiagnosticDescriptor LockUnreadable = new("HAQ0802", "The lock file cannot be read", ExitCode.Usage);

    /// <summary>A locked build found that the lock file is out of date.</summary>
    public static readonly DiagnosticDescriptor LockOutOfDate = new("HAQ0803", "The lock file is out of date", ExitCode.CheckFailed);

    /// <summary>A locked build found no lock file.</summary>
    public static readonly DiagnosticDescriptor LockMissing = new("HAQ0804", "There is no lock file", ExitCode.CheckFailed);

    /// <summary>A file that the build reads is missing, and neither lock file nor cache can stand in for it.</summary>
    public static readonly DiagnosticDescriptor InputMissing = new("HAQ0805", "A file that the build reads is missing", ExitCode.Usage);

    /// <summary>An input was written to while it was read.</summary>
    public static readonly DiagnosticDescriptor InputChanged = new("HAQ0806", "An input changed while it was read", ExitCode.Usage);

    /// <summary>The machine failed while reading or writing.</summary>
    public static readonly DiagnosticDescriptor InputOutput = new("HAQ0807", "Reading or writing failed", ExitCode.Machine);


    /// <summary>No .NET runtime on this machine runs the engine; told by the MSBuild task.</summary>
    public static readonly DiagnosticDescriptor RuntimeMissing = new(TaskDiagnostics.RuntimeMissing, "The .NET runtime that the engine needs is missing", ExitCode.Machine);

    /// <summary>No native library of ONNX Runtime for this machine.</summary>
    public static readonly DiagnosticDescriptor PlatformUnsupported = new(TaskDiagnostics.PlatformUnsupported, "ONNX Runtime does not run on this machine", ExitCode.Machine);

    /// <summary>A defect of the engine, or its death.</summary>
    public static readonly DiagnosticDescriptor EngineDefect = new(TaskDiagnostics.EngineDefect, "The engine failed", ExitCode.Machine);

    /// <summary>Two manifests of one project, one output.</summary>
    public static readonly DiagnosticDescriptor OutputClash = new("HAQ0884", "Two manifests write the same output", ExitCode.Usage);

    /// <summary>Two projects' files go to one place in the output folder; told by the MSBuild task.</summary>
    public static readonly DiagnosticDescriptor TargetClash = new(TaskDiagnostics.TargetClash, "Two projects put a file at the same place", ExitCode.Ok);

    /// <summary>The engine was told to stop while the build went on.</summary>
    public static readonly DiagnosticDescriptor EngineStopped = new(TaskDiagnostics.EngineStopped, "The engine was stopped from outside", ExitCode.Machine);

    /// <summary>No project or solution, or no SDK to read it with.</summary>
    public static readonly DiagnosticDescriptor NoProject = new("HAQ0885", "There is no project to look at", ExitCode.Usage);

    /// <summary>MSBuild's own complaint about a project.</summary>
    public static readonly DiagnosticDescriptor ProjectInvalid = new("HAQ0886", "MSBuild cannot evaluate the project", ExitCode.Usage);
}
