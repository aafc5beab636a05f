namespace Haq.Engine.Diagnostics;

/// <content>05xx: evaluation.</content>
public static partial class DiagnosticCatalog
{
    /// <summary>The output to compare does not exist, or cannot be compared.</summary>
    public static readonly DiagnosticDescriptor UnknownOutput = new("HAQ0501", "No such output to evaluate", ExitCode.Usage);

    /// <summary>An output has no row per sample.</summary>
    public static readonly DiagnosticDescriptor OutputNotPerSample = new("HAQ0502", "An output is not per sample", ExitCode.Usage);

    /// <summary>Sensitivity scores need gradients that an operator does not have.</summary>
    public static readonly DiagnosticDescriptor NoGradient = new("HAQ0503", "A layer's gradient cannot be had", ExitCode.Model);

    /// <summary>The float model's classes have nothing to do with the labels.</summary>
    public static readonly DiagnosticDescriptor FloatAtChance = new("HAQ0504", "The float model is at chance level on this data", ExitCode.Usage);

    /// <summary>Nobody is there to score policies.</summary>
    public static readonly DiagnosticDescriptor NoWorker = new("HAQ0505", "No worker is there to score policies", ExitCode.Machine);

    /// <summary>Work was given out again and again and never came back.</summary>
    public static readonly DiagnosticDescriptor WorkLost = new("HAQ0506", "Workers lost the same work again and again", ExitCode.Machine);

    /// <summary>The same where the manifest asks for a warning.</summary>
    public static readonly DiagnosticDescriptor FloatAtChanceAccepted = new("HAQ1804", "The float model is at chance level on this data, which was accepted", ExitCode.Ok);

    /// <summary>Outputs are nearly the same whatever the sample.</summary>
    public static readonly DiagnosticDescriptor OutputsIgnoreInput = new("HAQ1801", "The model's outputs hardly depend on the data", ExitCode.Ok);

    /// <summary>Most values of the inputs are one and the same, or at the ends of their range.</summary>
    public static readonly DiagnosticDescriptor InputsSaturated = new("HAQ1802", "The inputs are saturated", ExitCode.Ok);

    /// <summary>The first layer sees other statistics than its batch normalization was trained with.</summary>
    public static readonly DiagnosticDescriptor InputsUnlikeTraining = new("HAQ1803", "The inputs are unlike what the model was trained on", ExitCode.Ok);

    // 15xx: times that are measured
    /// <summary>A profile lacks nodes.</summary>
    public static readonly DiagnosticDescriptor ProfileIncomplete = new("HAQ1501", "A profile lacks nodes", ExitCode.Ok);

    /// <summary>Nothing was faster than float.</summary>
    public static readonly DiagnosticDescriptor NothingFaster = new("HAQ1502", "No choice was faster than float", ExitCode.Ok);

    /// <summary>The machine is too noisy to decide.</summary>
    public static readonly DiagnosticDescriptor TimingsTooNoisy = new("HAQ1503", "The machine is too noisy to decide", ExitCode.Ok);

    /// <summary>Built for another processor.</summary>
    public static readonly DiagnosticDescriptor MeasuredElsewhere = new("HAQ1504", "The choice was measured on another processor", ExitCode.Ok);
}
