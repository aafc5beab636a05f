namespace Haq.Engine.Evaluation.Compiled;

/// <summary>Which constant a policy brings.</summary>
internal enum HoleKind
{
    /// <summary>A layer's weights.</summary>
    Weights,

    /// <summary>A layer's bias.</summary>
    Bias,

    /// <summary>The step of a tensor that layers read quantized.</summary>
    Step,

    /// <summary>The range of that tensor, in steps, as the engine's quantizer takes it.</summary>
    Limits,

    /// <summary>The step of a tensor between layers.</summary>
    JunctionStep,

    /// <summary>The range of that tensor.</summary>
    JunctionLimits,
}
