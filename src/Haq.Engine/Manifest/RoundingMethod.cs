namespace Haq.Engine.Manifest;

/// <summary>How weights are rounded.</summary>
public enum RoundingMethod
{
    /// <summary>To the nearest grid point.</summary>
    Nearest,

    /// <summary>One weight after the other, the rest making up for its error (second moments of the layer's input).</summary>
    SecondOrder,

    /// <summary>Learned, block by block.</summary>
    Block,
}
