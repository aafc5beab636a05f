using Haq.Engine.Quantization;

namespace Haq.Engine.Pipeline.Stages;

/// <summary>The calibrated quantizer, and the key of the calibration.</summary>
internal sealed record Calibrated(PostTrainingQuantizer Quantizer, StageKey Key);
