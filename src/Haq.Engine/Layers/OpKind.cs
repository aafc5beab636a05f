namespace Haq.Engine.Layers;

/// <summary>What kind of multiply-accumulate loop nest a layer is.</summary>
public enum OpKind
{
    /// <summary>Convolution of 1 to 3 spatial dimensions, any number of groups.</summary>
    Conv,

    /// <summary>Transposed convolution.</summary>
    ConvTranspose,

    /// <summary>Fully connected: one row of the input per image.</summary>
    Gemm,

    /// <summary>Matrix product with a constant matrix: several rows per image (all leading dimensions).</summary>
    MatMul,

    /// <summary>No layer: a tensor between layers, with a width and without weights.</summary>
    Tensor,
}
