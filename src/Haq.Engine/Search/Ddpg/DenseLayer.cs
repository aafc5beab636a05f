using System.Numerics;
using System.Runtime.InteropServices;
using Haq.Engine.Numerics;

namespace Haq.Engine.Search.Ddpg;

/// <summary>
/// A fully connected layer and its Adam state. Activations are stored feature by feature, <c>[features, batch]</c>, padded as <see cref="MatrixProduct"/> wants them;
/// weights are <c>[outputs, inputs]</c>.
/// </summary>
internal sealed class DenseLayer
{
    private const float Beta1 = 0.9f, Beta2 = 0.999f, Epsilon = 1e-8f;

    private readonly int _width;
    private readonly float[] _firstMoment, _secondMoment;

    /// <summary>A layer with weights and biases drawn uniformly from ±<paramref name="bound"/>.</summary>
    public DenseLayer(int inputs, int outputs, double bound, SeededRandom random)
    {
        (Inputs, Outputs) = (inputs, outputs);
        _width = MatrixProduct.PaddedColumns(inputs);
        int rows = MatrixProduct.PaddedRows(outputs);
        // Weights and biases lie in one array, so that the optimizer is one pass.
        Parameters = new float[rows * _width + rows];
        Gradient = new float[Parameters.Length];
        (_firstMoment, _secondMoment) = (new float[Parameters.Length], new float[Parameters.Length]);
        for (int o = 0; o < outputs; o++)
        {
            for (int i = 0; i < inputs; i++) Parameters[o * _width + i] = Draw();
            Parameters[rows * _width + o] = Draw();
        }

        float Draw() => (float)((2 * random.NextDouble() - 1) * bound);
    }

    private DenseLayer(DenseLayer other)
    {
        (Inputs, Outputs, _width) = (other.Inputs, other.Outputs, other._width);
        (Parameters, Gradient) = ([.. other.Parameters], []);
        (_firstMoment, _secondMoment) = ([], []);
    }

    /// <summary>Number of inputs.</summary>
    public int Inputs { get; }

    /// <summary>Number of outputs.</summary>
    public int Outputs { get; }

    /// <summary>Weights, then biases, both padded.</summary>
    public float[] Parameters { get; }

    /// <summary>The loss's gradient for <see cref="Parameters"/>, by the last <see cref="Backward"/>.</summary>
    public float[] Gradient { get; }

    /// <summary>The moments of Adam's update, for a checkpoint.</summary>
    public (float[] First, float[] Second) Moments => (_firstMoment, _secondMoment);

    private int Rows => MatrixProduct.PaddedRows(Outputs);

    private ReadOnlySpan<float> Biases => Parameters.AsSpan(Rows * _width);

    /// <summary>The row of weights of one output, unpadded.</summary>
    public Span<float> WeightsOf(int output) => Parameters.AsSpan(output * _width, Inputs);

    /// <summary>The bias of one output.</summary>
    public ref float BiasOf(int output) => ref Parameters[Rows * _width + output];

    /// <summary>A copy without optimizer state, to track this one slowly.</summary>
    public DenseLayer Target() => new(this);

    /// <summary>y = Wx + b, then max(0, ·) if <paramref name="relu"/>; <paramref name="x"/> is [inputs, batch], <paramref name="y"/> [padded outputs, batch].</summary>
    public void Forward(ReadOnlySpan<float> x, Span<float> y, int batch, bool relu)
    {
        if (Outputs == 1) ForwardSingle(x, y, batch);
        else MatrixProduct.Run(Parameters, _width, 1, x, y, Rows, batch, Inputs);
        for (int o = 0; o < Outputs; o++)
        {
            var bias = new Vector<float>(Biases[o]);
            var row = MemoryMarshal.Cast<float, Vector<float>>(y.Slice(o * batch, batch));
            if (relu) for (int i = 0; i < row.Length; i++) row[i] = Vector.Max(row[i] + bias, Vector<float>.Zero);
            else for (int i = 0; i < row.Length; i++) row[i] += bias;
        }
    }

    private void ForwardSingle(ReadOnlySpan<float> x, Span<float> y, int batch)
    {
        var sum = MemoryMarshal.Cast<float, Vector<float>>(y[..batch]);
        sum.Clear();
        for (int i = 0; i < Inputs; i++)
        {
            var weight = new Vector<float>(Parameters[i]);
            var row = MemoryMarshal.Cast<float, Vector<float>>(x.Slice(i * batch, batch));
            for (int j = 0; j < sum.Length; j++) sum[j] += weight * row[j];
        }
    }

    /// <summary>Sets <see cref="Gradient"/> from dL/dy and the transposed input, [batch, padded inputs].</summary>
    public void Backward(ReadOnlySpan<float> dy, ReadOnlySpan<float> transposedInput, int batch)
    {
        if (Outputs == 1)
        {
            var total = Gradient.AsSpan(0, _width);
            total.Clear();
            var sum = MemoryMarshal.Cast<float, Vector<float>>(total);
            for (int b = 0; b < batch; b++)
            {
                var scale = new Vector<float>(dy[b]);
                var row = MemoryMarshal.Cast<float, Vector<float>>(transposedInput.Slice(b * _width, _width));
                for (int j = 0; j < sum.Length; j++) sum[j] += scale * row[j];
            }
        }
        else
        {
            MatrixProduct.Run(dy, batch, 1, transposedInput, Gradient, Rows, _width, batch);
        }
        for (int o = 0; o < Outputs; o++) Gradient[Rows * _width + o] = Sum(dy.Slice(o * batch, batch));
    }

    /// <summary>dL/dx = Wᵀ·dL/dy, as [padded inputs, batch].</summary>
    public void BackwardToInput(ReadOnlySpan<float> dy, Span<float> dx, int batch)
    {
        if (Outputs > 1)
        {
            MatrixProduct.Run(Parameters, 1, _width, dy, dx, MatrixProduct.PaddedRows(Inputs), batch, Outputs);
            return;
        }
        for (int i = 0; i < Inputs; i++) ScaleRow(dy, dx.Slice(i * batch, batch), Parameters[i]);
    }

    /// <summary>dL/dx of one input alone, as [batch].</summary>
    public void BackwardToInput(int input, ReadOnlySpan<float> dy, Span<float> dx, int batch)
    {
        var sum = MemoryMarshal.Cast<float, Vector<float>>(dx[..batch]);
        sum.Clear();
        for (int o = 0; o < Outputs; o++)
        {
            var weight = new Vector<float>(Parameters[o * _width + input]);
            var row = MemoryMarshal.Cast<float, Vector<float>>(dy.Slice(o * batch, batch));
            for (int j = 0; j < sum.Length; j++) sum[j] += weight * row[j];
        }
    }

    /// <summary>Adam (Kingma and Ba, 2015), step <paramref name="t"/> counted from 1, and the target's soft update by <paramref name="tau"/> in the same pass.</summary>
    public void Update(DenseLayer target, double rate, int t, double tau)
    {
        float scale = (float)(rate * Math.Sqrt(1 - Math.Pow(Beta2, t)) / (1 - Math.Pow(Beta1, t)));
        float epsilon = (float)(Epsilon * Math.Sqrt(1 - Math.Pow(Beta2, t)));
        var p = MemoryMarshal.Cast<float, Vector<float>>(Parameters.AsSpan());
        var g = MemoryMarshal.Cast<float, Vector<float>>(Gradient.AsSpan());
        var m = MemoryMarshal.Cast<float, Vector<float>>(_firstMoment.AsSpan());
        var v = MemoryMarshal.Cast<float, Vector<float>>(_secondMoment.AsSpan());
        var q = MemoryMarshal.Cast<float, Vector<float>>(target.Parameters.AsSpan());
        var keep1 = new Vector<float>(Beta1);
        var new1 = new Vector<float>(1 - Beta1);
        var keep2 = new Vector<float>(Beta2);
        var new2 = new Vector<float>(1 - Beta2);
        var step = new Vector<float>(scale);
        var guard = new Vector<float>(epsilon);
        var follow = new Vector<float>((float)tau);
        for (int i = 0; i < p.Length; i++)
        {
            m[i] = keep1 * m[i] + new1 * g[i];
            v[i] = keep2 * v[i] + new2 * g[i] * g[i];
            p[i] -= step * m[i] / (Vector.SquareRoot(v[i]) + guard);
            q[i] += follow * (p[i] - q[i]);
        }
    }

    private static void ScaleRow(ReadOnlySpan<float> source, Span<float> destination, float factor)
    {
        var from = MemoryMarshal.Cast<float, Vector<float>>(source);
        var to = MemoryMarshal.Cast<float, Vector<float>>(destination);
        var scale = new Vector<float>(factor);
        for (int i = 0; i < to.Length; i++) to[i] = from[i] * scale;
    }

    private static float Sum(ReadOnlySpan<float> row)
    {
        var sum = Vector<float>.Zero;
        foreach (var part in MemoryMarshal.Cast<float, Vector<float>>(row)) sum += part;
        return Vector.Sum(sum);
    }
}
