namespace Haq.Engine.Autodiff;

/// <summary>What a training graph is written with.</summary>
public enum KernelSet
{
    /// <summary>Operators of the ONNX standard only.</summary>
    Standard,

    /// <summary>The engine's own operators where they are faster. The session must have them registered.</summary>
    Custom,
}
