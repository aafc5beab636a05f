using Haq.Engine.Autodiff;
using Onnx;

namespace Haq.Engine.Training;

/// <summary>How to fine-tune.</summary>
public sealed record FineTuneOptions
{
    /// <summary>Passes over the training set, at least 1.</summary>
    public int Epochs { get; init; } = 1;

    /// <summary>Samples per step.</summary>
    public int Batch { get; init; } = 64;

    /// <summary>What to make small.</summary>
    public LossKind Loss { get; init; } = LossKind.Distillation;

    /// <summary>How a gradient becomes an update.</summary>
    public OptimizerKind Optimizer { get; init; } = OptimizerKind.Adam;

    /// <summary>
    /// Learning rate; with <see cref="OptimizerKind.Adam"/> in units of each tensor's root mean square, and less above 4 bits: times 16 · mean 2⁻ᵇ over the layers' widths b.
    /// </summary>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>How the learning rate falls.</summary>
    public RateSchedule Schedule { get; init; } = RateSchedule.Cosine;

    /// <summary>Epochs between the steps of <see cref="RateSchedule.Step"/>, at least 1.</summary>
    public int StepEpochs { get; init; } = 10;

    /// <summary>The rate's factor at each step of <see cref="RateSchedule.Step"/>.</summary>
    public double StepFactor { get; init; } = 0.1;

    /// <summary>Momentum of <see cref="OptimizerKind.Sgd"/>.</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>Weight decay; biases and scales are not decayed.</summary>
    public double WeightDecay { get; init; }

    /// <summary>Longest gradient, as a Euclidean norm over all parameters; longer ones are shortened. 0 turns it off.</summary>
    public double ClipNorm { get; init; }

    /// <summary>What happens to the quantizers' scales.</summary>
    public ScaleLearning Scales { get; init; } = ScaleLearning.Lsq;

    /// <summary>The statistics of batch normalization are measured again after every epoch; otherwise they stay as they are.</summary>
    public bool ReestimateStatistics { get; init; }

    /// <summary>Random changes of the images.</summary>
    public Augmentation Augmentation { get; init; } = Augmentation.None;

    /// <summary>The output that the loss looks at; null is the model's first.</summary>
    public string? Output { get; init; }

    /// <summary>Seed of the order of the samples and of the augmentation.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Threads inside one operator; the result is the same from run to run only for the same number.</summary>
    public int Threads { get; init; } = Math.Min(2, Environment.ProcessorCount);

    /// <summary>Operators to train with.</summary>
    public KernelSet Kernels { get; init; } = KernelSet.Custom;

    /// <summary>How often a diverged training may go back and continue at half the rate.</summary>
    public int Retries { get; init; } = 4;

    /// <summary>Shapes of dynamic inputs, by name.</summary>
    public IReadOnlyDictionary<string, long[]>? InputShapes { get; init; }

    /// <summary>Gives the inputs of one sample, for operators that refuse zeros; null where there is none.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public Func<IReadOnlyDictionary<string, TensorProto>?>? Example { get; init; }

    /// <summary>Folder for a checkpoint after every epoch; null writes none.</summary>
    public string? CheckpointFolder { get; init; }
}
