namespace Haq.Engine.Evaluation.Compiled;

/// <summary>Which constant a policy brings.</summary>
internal enum PlaceholderKind
{
    /// <summary>A layer's weights.</summary>
    Weights,

    /// <summary>A layer's bias.</summary>
    Bias,

    /// <summary>The scale of a tensor that layers read quantized.</summary>
    Scale,

    /// <summary>The range of that tensor, in scales, as the engine's quantizer takes it.</summary>
    Limits,

    /// <summary>The scale of a tensor between layers.</summary>
    JunctionScale,

    /// <summary>The range of that tensor.</summary>
    JunctionLimits,
}
