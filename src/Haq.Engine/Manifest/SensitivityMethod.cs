namespace Haq.Engine.Manifest;

/// <summary>How much each choice of bits hurts by itself is found out.</summary>
public enum SensitivityMethod
{
    /// <summary>Probes; Fisher scores where probing a large network would take too long.</summary>
    Auto,

    /// <summary>One choice at a time is measured through the whole network, by the loss (KL divergence from the float model's output).</summary>
    Probe,

    /// <summary>From one backward pass for all layers and local forward passes.</summary>
    Fisher,

    /// <summary>As probes, by the noise in the output relative to the signal.</summary>
    Sqnr,

    /// <summary>By the error at the layer's own output.</summary>
    Local,
}
