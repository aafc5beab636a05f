using Haq.Engine.Evaluation;

namespace Haq.Engine.Pipeline.Results;

/// <summary>One step of post-training quantization, and the network without and with it; all steps before it are done, none after it.</summary>
/// <param name="Name">For example <c>bias correction</c>.</param>
/// <param name="Detail">What it did, or why it did nothing.</param>
/// <param name="Before">The network before it; null where the step is off or had nothing to do.</param>
/// <param name="After">The network after it; null where the step is off or had nothing to do.</param>
/// <param name="Gain">What it gained in top-1, sample by sample; null without labels or where it did not run.</param>
public sealed record QuantizationStep(string Name, string Detail, PolicyScore? Before, PolicyScore? After, PairedDifference? Gain);
