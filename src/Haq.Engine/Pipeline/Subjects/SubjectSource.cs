using Haq.Engine.Data;
using Haq.Engine.Onnx;
using Haq.Engine.Pipeline.Inputs;
using Haq.Engine.Pipeline.Results;
using Haq.Engine.Quantization.Calibration;
using Haq.Engine.Quantization.Weights;

namespace Haq.Engine.Pipeline.Subjects;

/// <summary>All that the scores of policies depend on besides the policy, as the pipeline has it.</summary>
/// <param name="Model">The float network as it was read.</param>
/// <param name="Preparation">How it is made ready to be quantized.</param>
/// <param name="Calibration">What was seen of its activations.</param>
/// <param name="Ranges">How ranges are found; null where calibration chose per tensor.</param>
/// <param name="Percentile">What ranges by percentile keep.</param>
/// <param name="Weights">How weights are quantized.</param>
/// <param name="Samples">What is measured on.</param>
/// <param name="Output">The output to look at; null for the main one.</param>
/// <param name="Counts">Which other outputs count.</param>
internal sealed record SubjectSource(
    OnnxModel Model, Preparation Preparation, Calibration Calibration, RangeMethod? Ranges, double Percentile, WeightOptions Weights, IDataset Samples, string? Output, OutputChoice Counts)
{
    /// <summary>A network whose layers are looked at; null where policies are compared.</summary>
    public NetworkSource? Network { get; init; }
}
