using Haq.Engine.Layers;

namespace Haq.Engine.Hardware.Fitted;

/// <summary>What a layer does, in the terms of the fit.</summary>
/// <param name="Dense">Multiply-accumulates with rows and columns filled up; 0 for depthwise layers.</param>
/// <param name="Depthwise">Multiply-accumulates of depthwise layers; 0 for others.</param>
/// <param name="WeightBytes">Weights, as they are stored.</param>
/// <param name="InputBytes">Inputs.</param>
/// <param name="OutputBytes">Outputs.</param>
internal readonly record struct LayerWork(double Dense, double Depthwise, double WeightBytes, double InputBytes, double OutputBytes)
{
    private const double BitsPerByte = 8;

    /// <summary>Bytes that a layer reads and writes beside its weights.</summary>
    public double ActivationBytes => InputBytes + OutputBytes;

    /// <summary>The work of a layer on an array.</summary>
    /// <param name="shape">Its loop nest.</param>
    /// <param name="stored">The widths that memory holds; outputs are counted in the width of the inputs.</param>
    /// <param name="batch">Images at a time.</param>
    /// <param name="rows">Height of the array: along the sum.</param>
    /// <param name="cols">Width of the array: output channels.</param>
    public static LayerWork Of(LayerShape shape, LayerBits stored, int batch, int rows, int cols)
    {
        var (product, _) = MatrixProduct.Pair(shape, batch, depthwiseGroup: 1);
        double pixels = (double)product.M * product.Count;
        double dense = shape.IsDepthwise ? 0 : pixels * Filled(product.N, cols) * Filled(product.K, rows);
        return new LayerWork(
            dense, shape.IsDepthwise ? (double)shape.Macs * batch : 0, shape.Weights * (double)stored.Weights / BitsPerByte, (double)shape.InputElements * batch * stored.Activations / BitsPerByte,
            (double)shape.OutputElements * batch * stored.Activations / BitsPerByte);
    }

    private static double Filled(long extent, int size) => (extent + size - 1) / size * (double)size;
}
