namespace Haq.Engine.Quantization.Preparation;

/// <summary>What is quantized between layers, besides what layers read.</summary>
public enum BetweenLayers
{
    /// <summary>Nothing.</summary>
    Float,

    /// <summary>The tensors that let sums, concatenations and averages run on integers, in 8 bits.</summary>
    Junctions,

    /// <summary>Every tensor that the hardware keeps: each has a width of its own.</summary>
    Tensors,

    /// <summary>As <see cref="Tensors"/>, but a sum of a layer's result and another tensor is part of the layer, and the result has no width before it.</summary>
    TensorsOfFusedSums,
}
