using Haq.Engine.Graphs;

namespace Haq.Engine.Autodiff;

/// <summary>Operators that act on one axis as a constant matrix [output, input]: padding by copies and resizing. Their gradient is the transposed matrix.</summary>
internal static class AxisMap
{
    /// <summary>Applies the transpose of a matrix [output, input] to an axis.</summary>
    public static Value Transposed(GraphBuilder g, Value x, int axis, float[,] matrix)
    {
        int outputs = matrix.GetLength(0), inputs = matrix.GetLength(1);
        var flat = new float[outputs * inputs];
        if (axis == x.Rank - 1)
        {
            Buffer.BlockCopy(matrix, 0, flat, 0, flat.Length * sizeof(float));
            int rows = (int)(x.Count / outputs);
            return g.Reshape(g.MatMul(g.Reshape(x, rows, outputs), g.Tensor(flat, outputs, inputs)), [.. x.Shape[..axis], inputs]);
        }
        for (int o = 0; o < outputs; o++)
            for (int i = 0; i < inputs; i++) flat[i * outputs + o] = matrix[o, i];
        int before = 1, after = 1;
        for (int i = 0; i < x.Rank; i++)
        {
            if (i < axis) before *= x.Shape[i];
            if (i > axis) after *= x.Shape[i];
        }
        int[] shape = [.. x.Shape];
        shape[axis] = inputs;
        return g.Reshape(g.MatMul(g.Tensor(flat, inputs, outputs), g.Reshape(x, before, outputs, after)), shape);
    }

    /// <summary>Which element each padded position copies.</summary>
    public static float[,] Padding(string mode, int extent, int before, int after)
    {
        int outputs = extent + before + after;
        var matrix = new float[outputs, extent];
        for (int o = 0; o < outputs; o++)
        {
            int at = o - before;
            int source = mode switch
            {
                "edge" => Math.Clamp(at, 0, extent - 1),
                "wrap" => ((at % extent) + extent) % extent,
                _ => Reflect(at, extent),
            };
            matrix[o, source] = 1;
        }
        return matrix;
    }

    private static int Reflect(int at, int extent)
    {
        if (extent == 1) return 0;
        int period = 2 * (extent - 1);
        int folded = ((at % period) + period) % period;
        return folded < extent ? folded : period - folded;
    }
}
