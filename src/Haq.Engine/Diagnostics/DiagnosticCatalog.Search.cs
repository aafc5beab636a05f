namespace Haq.Engine.Diagnostics;

/// <content>06xx: search.</content>
public static partial class DiagnosticCatalog
{
    /// <summary>A rule under layers: names no layer.</summary>
    public static readonly DiagnosticDescriptor UnknownLayer = new("HAQ0602", "No layer has that name", ExitCode.Usage);

    /// <summary>A layer is left without any bit-width to choose.</summary>
    public static readonly DiagnosticDescriptor NoChoice = new("HAQ0603", "A layer has no bit-width to choose from", ExitCode.Usage);

    /// <summary>No policy keeps all limits at once.</summary>
    public static readonly DiagnosticDescriptor NothingAffordable = new("HAQ0604", "No policy is within the budget", ExitCode.Usage);

    /// <summary>A saved agent cannot be used.</summary>
    public static readonly DiagnosticDescriptor AgentUnreadable = new("HAQ0605", "The saved agent cannot be used", ExitCode.Usage);

    /// <summary>No measured policy is within the accuracy limit.</summary>
    public static readonly DiagnosticDescriptor AccuracyOutOfReach = new("HAQ0606", "No policy found keeps the accuracy limit", ExitCode.CheckFailed);

    /// <summary>A strategy cannot pursue an objective.</summary>
    public static readonly DiagnosticDescriptor ObjectiveUnsupported = new("HAQ0607", "The strategy cannot pursue the objective", ExitCode.Usage);

    /// <summary>The manifest asks for a width that the hardware does not compute with.</summary>
    public static readonly DiagnosticDescriptor WidthNotSupported = new("HAQ0608", "The hardware lacks a width", ExitCode.Usage);

    /// <summary>A quantized model that cannot be taken into another dialect.</summary>
    public static readonly DiagnosticDescriptor NotConvertible = new("HAQ0611", "The model cannot be converted", ExitCode.Model);
}
