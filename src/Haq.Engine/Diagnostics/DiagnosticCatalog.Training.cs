namespace Haq.Engine.Diagnostics;

/// <content>07xx: training.</content>
public static partial class DiagnosticCatalog
{
    /// <summary>An input's extent is free and was not given.</summary>
    public static readonly DiagnosticDescriptor UnknownInputExtent = new("HAQ0701", "The shape of an input is not known", ExitCode.Model);

    /// <summary>The graph fixes how many samples go through at once.</summary>
    public static readonly DiagnosticDescriptor FixedBatch = new("HAQ0702", "The batch of the graph is fixed", ExitCode.Model);

    /// <summary>No weight of the network can be trained.</summary>
    public static readonly DiagnosticDescriptor NothingToTrain = new("HAQ0703", "Nothing can be trained", ExitCode.Model);

    /// <summary>Cross-entropy without labels.</summary>
    public static readonly DiagnosticDescriptor LabelsMissing = new("HAQ0704", "The loss needs labels", ExitCode.Usage);

    /// <summary>Fewer samples than a batch.</summary>
    public static readonly DiagnosticDescriptor TrainingSetTooSmall = new("HAQ0705", "The training set is smaller than a batch", ExitCode.Usage);

    /// <summary>NaN or infinity in a training sample.</summary>
    public static readonly DiagnosticDescriptor NonFiniteTrainingData = new("HAQ0706", "The training data is not finite", ExitCode.Usage);

    /// <summary>A checkpoint that does not fit is not used.</summary>
    public static readonly DiagnosticDescriptor CheckpointIgnored = new("HAQ1701", "A checkpoint belongs to another run", ExitCode.Ok);

    /// <summary>Layers behind an operator without a gradient keep their weights.</summary>
    public static readonly DiagnosticDescriptor PartlyTrained = new("HAQ1702", "A part of the network is not trained", ExitCode.Ok);

    /// <summary>The rate was halved.</summary>
    public static readonly DiagnosticDescriptor TrainingRetried = new("HAQ1703", "Training diverged and was retried", ExitCode.Ok);

    /// <summary>No epoch was better than the start.</summary>
    public static readonly DiagnosticDescriptor FineTuneKeptNothing = new("HAQ1704", "Fine-tuning did not help", ExitCode.Ok);

    /// <summary>Training diverges even at low rates.</summary>
    public static readonly DiagnosticDescriptor TrainingStopped = new("HAQ1705", "Training diverged and was stopped", ExitCode.Ok);

    /// <summary>A block's rounding cannot be learned.</summary>
    public static readonly DiagnosticDescriptor BlockNotReconstructed = new("HAQ1711", "A block keeps its second-order rounding", ExitCode.Ok);
}
