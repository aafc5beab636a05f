namespace Haq.Engine.Diagnostics;

/// <content>09xx: checks and reports.</content>
public static partial class DiagnosticCatalog
{
    /// <summary>A file given as a report is none, or damaged.</summary>
    public static readonly DiagnosticDescriptor UnreadableReport = new("HAQ0901", "The report cannot be read", ExitCode.Usage);

    /// <summary>The model is slower than its latency budget.</summary>
    public static readonly DiagnosticDescriptor LatencyGate = new("HAQ0902", "The latency budget is broken", ExitCode.CheckFailed);

    /// <summary>The model needs more energy than its budget.</summary>
    public static readonly DiagnosticDescriptor EnergyGate = new("HAQ0903", "The energy budget is broken", ExitCode.CheckFailed);

    /// <summary>The model is larger than its size budget.</summary>
    public static readonly DiagnosticDescriptor SizeGate = new("HAQ0904", "The size budget is broken", ExitCode.CheckFailed);

    /// <summary>The file is larger than a size that was given for what the target stores, or than was accepted.</summary>
    public static readonly DiagnosticDescriptor FileLarger = new("HAQ1904", "The file is larger than the size that was given", ExitCode.Ok);

    /// <summary>The model lost more accuracy than it may.</summary>
    public static readonly DiagnosticDescriptor AccuracyGate = new("HAQ0905", "The accuracy gate is broken", ExitCode.CheckFailed);

    /// <summary>The model lost more accuracy than it may, but not beyond doubt, or it was accepted.</summary>
    public static readonly DiagnosticDescriptor AccuracyGateDoubtful = new("HAQ1905", "The accuracy limit is exceeded, within doubt or as accepted", ExitCode.Ok);

    /// <summary>The model is worse than the one of the baseline report.</summary>
    public static readonly DiagnosticDescriptor BaselineRegression = new("HAQ0906", "The model is worse than its baseline", ExitCode.CheckFailed);

    /// <summary>A bound is set on a figure that the report does not hold.</summary>
    public static readonly DiagnosticDescriptor UncheckedGate = new("HAQ0907", "A budget cannot be checked", ExitCode.CheckFailed);

    /// <summary>Nodes that a target leaves to the host.</summary>
    public static readonly DiagnosticDescriptor NodeFallsBack = new("HAQ0921", "A node falls back to the host", ExitCode.CheckFailed);

    /// <summary>Nodes that a target refuses.</summary>
    public static readonly DiagnosticDescriptor NodeRefused = new("HAQ0922", "The target refuses a node", ExitCode.CheckFailed);

    /// <summary>Nodes that run otherwise than the target's documents advise.</summary>
    public static readonly DiagnosticDescriptor NodeNoted = new("HAQ1921", "The target's documents advise otherwise", ExitCode.Ok);

    /// <summary>An allowance that no node needs.</summary>
    public static readonly DiagnosticDescriptor UnusedAllowance = new("HAQ1922", "An allowance is not needed", ExitCode.Ok);

    /// <summary>Another usual way to read the data suits the float model better.</summary>
    public static readonly DiagnosticDescriptor ReadsBetter = new("HAQ1923", "The float model knows the data better when it is read otherwise", ExitCode.Ok);

    /// <summary>A build ended early, and somebody wanted it to.</summary>
    public static readonly DiagnosticDescriptor BuildStopped = new("HAQ1924", "The build of a model was stopped", ExitCode.Ok);

    /// <summary>The lock file is where nobody may write.</summary>
    public static readonly DiagnosticDescriptor LockNotWritten = new("HAQ1925", "The lock file cannot be written", ExitCode.Ok);

    /// <summary>Times that may be in other units than their neighbours.</summary>
    public static readonly DiagnosticDescriptor UnitsDoubtful = new("HAQ1941", "Measured times may be in different units", ExitCode.Ok);

    /// <summary>Times that differ much from run to run.</summary>
    public static readonly DiagnosticDescriptor DeviceUnsteady = new("HAQ1942", "The device was not steady", ExitCode.Ok);

    /// <summary>Only some probes have an energy.</summary>
    public static readonly DiagnosticDescriptor EnergiesIncomplete = new("HAQ1943", "Energies are not complete", ExitCode.Ok);

    /// <summary>A part of the network has no probe.</summary>
    public static readonly DiagnosticDescriptor PartNotProbed = new("HAQ1944", "A part of the network has no probe", ExitCode.Ok);

    /// <summary>Nobody allowed the build to start the command that measures.</summary>
    public static readonly DiagnosticDescriptor LoopNotAllowed = new("HAQ1945", "The choice was not measured on the device", ExitCode.Ok);

    /// <summary>There is nothing that measuring on the device could decide.</summary>
    public static readonly DiagnosticDescriptor LoopWithoutChoice = new("HAQ1946", "There is nothing to measure on the device", ExitCode.Ok);

    /// <summary>None of the measured candidates keeps the accuracy.</summary>
    public static readonly DiagnosticDescriptor LoopWithoutWinner = new("HAQ1947", "No candidate on the device keeps the accuracy", ExitCode.Ok);

    /// <summary>A setting of the shared cache is wrong.</summary>
    public static readonly DiagnosticDescriptor RemoteCacheInvalid = new("HAQ0960", "A setting of the remote cache is wrong", ExitCode.Usage);

    /// <summary>A command that is about the shared cache could not use it.</summary>
    public static readonly DiagnosticDescriptor RemoteCacheUnusable = new("HAQ0961", "The remote cache cannot be used", ExitCode.CheckFailed);

    /// <summary>The shared cache failed and was left aside.</summary>
    public static readonly DiagnosticDescriptor RemoteCacheAside = new("HAQ1960", "The remote cache is left aside", ExitCode.Ok);

    /// <summary>What the shared cache gave was not what it should be.</summary>
    public static readonly DiagnosticDescriptor RemoteEntryRefused = new("HAQ1961", "An entry of the remote cache was refused", ExitCode.Ok);

    /// <summary>What was made was not sent.</summary>
    public static readonly DiagnosticDescriptor UploadsFailed = new("HAQ1962", "Results were not sent to the remote cache", ExitCode.Ok);
}
