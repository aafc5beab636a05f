namespace Haq.Engine.Pipeline.Converting;

/// <summary>What a tensor on a grid is to the node that it belongs to.</summary>
public enum GridRole
{
    /// <summary>An activation.</summary>
    Activation,

    /// <summary>Weights of a layer.</summary>
    Weights,

    /// <summary>A bias.</summary>
    Bias,

    /// <summary>Another constant.</summary>
    Constant,
}
