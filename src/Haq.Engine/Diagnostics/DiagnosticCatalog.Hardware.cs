namespace Haq.Engine.Diagnostics;

/// <content>02xx: hardware and budget.</content>
public static partial class DiagnosticCatalog
{
    /// <summary>Neither a built-in target nor a hardware file.</summary>
    public static readonly DiagnosticDescriptor UnknownHardware = new("HAQ0201", "Unknown hardware", ExitCode.Usage);

    /// <summary>A hardware file, or a file that it names, cannot be read.</summary>
    public static readonly DiagnosticDescriptor HardwareUnreadable = new("HAQ0202", "A hardware file cannot be read", ExitCode.Usage);

    /// <summary>A budget that no policy meets.</summary>
    public static readonly DiagnosticDescriptor BudgetInfeasible = new("HAQ0203", "No choice of bits meets the budget", ExitCode.Usage);

    /// <summary>A budget on something that the target does not model.</summary>
    public static readonly DiagnosticDescriptor BudgetNotModelled = new("HAQ0204", "The hardware does not model what the budget limits", ExitCode.Usage);

    /// <summary>Widths that the target cannot compute with, not even rounded up.</summary>
    public static readonly DiagnosticDescriptor BitsUnsupported = new("HAQ0205", "The hardware cannot compute with these bits", ExitCode.Usage);

    /// <summary>A layer or a sum that does not fit 64 bits.</summary>
    public static readonly DiagnosticDescriptor CostOverflow = new("HAQ0206", "A cost is too large to count", ExitCode.Usage);

    /// <summary>Measured figures are for one batch.</summary>
    public static readonly DiagnosticDescriptor BatchNotMeasured = new("HAQ0207", "The hardware was measured with another batch", ExitCode.Usage);

    /// <summary>A measured table lacks entries.</summary>
    public static readonly DiagnosticDescriptor TableIncomplete = new("HAQ0208", "The measured table lacks entries", ExitCode.Usage);

    /// <summary>A policy file that does not fit.</summary>
    public static readonly DiagnosticDescriptor PolicyMismatch = new("HAQ0209", "The policy is for other layers", ExitCode.Usage);

    /// <summary>A policy file that cannot be opened.</summary>
    public static readonly DiagnosticDescriptor PolicyUnreadable = new("HAQ0210", "The policy file cannot be read", ExitCode.Usage);

    /// <summary>Words on the command line that are not widths.</summary>
    public static readonly DiagnosticDescriptor BitsSyntax = new("HAQ0211", "Not a width or a pair of widths", ExitCode.Usage);

    /// <summary>Words on the command line that are not a shape.</summary>
    public static readonly DiagnosticDescriptor ShapeSyntax = new("HAQ0212", "Not the shape of an input", ExitCode.Usage);

    /// <summary>The model changed since the policy was made.</summary>
    public static readonly DiagnosticDescriptor PolicyOfOtherModel = new("HAQ1201", "The policy was made for another version of the model", ExitCode.Ok);

    /// <summary>Stored widths that are computed wider.</summary>
    public static readonly DiagnosticDescriptor BitsRounded = new("HAQ1202", "Widths are rounded up for compute", ExitCode.Ok);

    /// <summary>Layers that take longer in int8 than in float32 where they were timed.</summary>
    public static readonly DiagnosticDescriptor QuantizingIsSlower = new("HAQ1203", "Quantizing makes layers slower", ExitCode.Ok);

    /// <summary>A target that does not exist.</summary>
    public static readonly DiagnosticDescriptor UnknownTarget = new("HAQ0221", "Unknown target", ExitCode.Usage);

    /// <summary>A target file that cannot be read.</summary>
    public static readonly DiagnosticDescriptor TargetUnreadable = new("HAQ0222", "The target file cannot be read", ExitCode.Usage);

    /// <summary>A target file names a rule that there is not.</summary>
    public static readonly DiagnosticDescriptor UnknownRule = new("HAQ0223", "Unknown rule in a target file", ExitCode.Usage);

    /// <summary>Rules of a target file that nothing can keep together.</summary>
    public static readonly DiagnosticDescriptor ImpossibleRule = new("HAQ0224", "Rules of a target exclude each other", ExitCode.Usage);

    /// <summary>No list of probes where one should be.</summary>
    public static readonly DiagnosticDescriptor BundleUnreadable = new("HAQ0231", "The bundle of probes cannot be read", ExitCode.Usage);

    /// <summary>Probes of a bundle have no time.</summary>
    public static readonly DiagnosticDescriptor ProbesMissing = new("HAQ0232", "Probes have no measured time", ExitCode.Usage);

    /// <summary>A file of times that is none.</summary>
    public static readonly DiagnosticDescriptor TimesUnreadable = new("HAQ0233", "Measured times cannot be read", ExitCode.Usage);

    /// <summary>Times of probes that the bundle does not have.</summary>
    public static readonly DiagnosticDescriptor ForeignTimes = new("HAQ0234", "Times or a bundle of another model", ExitCode.Usage);

    /// <summary>The command that measures on a device failed.</summary>
    public static readonly DiagnosticDescriptor DeviceFailed = new("HAQ0235", "Measuring on the device failed", ExitCode.Machine);

    /// <summary>A command line for a device that cannot be used.</summary>
    public static readonly DiagnosticDescriptor DeviceCommandWrong = new("HAQ0236", "The command for the device cannot be used", ExitCode.Usage);

    /// <summary>Parameters that explain the times no better than a constant.</summary>
    public static readonly DiagnosticDescriptor FitRefused = new("HAQ0237", "The fit is refused", ExitCode.Usage);

    /// <summary><c>search: {measure: top N}</c> without what it needs.</summary>
    public static readonly DiagnosticDescriptor LoopIncomplete = new("HAQ0238", "Candidates cannot be measured on the device as things are", ExitCode.Usage);
}
