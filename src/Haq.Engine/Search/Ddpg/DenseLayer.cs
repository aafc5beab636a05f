using System.Numerics;
using System.Runtime.InteropServices;
using Haq.Engine.Numerics;

namespace Haq.Engine.Search.Ddpg;

/// <summary>
/// A fully connected layer and its Adam state. Activations are stored in panels of <see cref="MatrixProduct.ColumnStep"/> samples, each feature by feature, padded as
/// <see cref="MatrixProduct"/> wants them; weights are <c>[outputs, inputs]</c>. Panels are independent of each other, and so are the rows of a gradient.
/// </summary>
internal sealed class DenseLayer
{
    private const int Panel = MatrixProduct.ColumnStep;

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

    /// <summary>The outputs, padded.</summary>
    public int Rows => MatrixProduct.PaddedRows(Outputs);

    private ReadOnlySpan<float> Biases => Parameters.AsSpan(Rows * _width);

    /// <summary>The row of weights of one output, unpadded.</summary>
    public Span<float> WeightsOf(int output) => Parameters.AsSpan(output * _width, Inputs);

    /// <summary>The bias of one output.</summary>
    public ref float BiasOf(int output) => ref Parameters[Rows * _width + output];

    /// <summary>A copy without optimizer state, to track this one slowly.</summary>
    public DenseLayer Target() => new(this);

    /// <summary>y = Wx + b, then max(0, ·) if <paramref name="relu"/>, for a panel of columns; <paramref name="x"/> is [inputs, panel], <paramref name="y"/> [padded outputs, panel].</summary>
    public void Forward(ReadOnlySpan<float> x, Span<float> y, bool relu)
    {
        if (Outputs == 1) ForwardSingle(x, y);
        else MatrixProduct.Run(Parameters, _width, 1, x, y, Rows, Panel, Inputs);
        for (int o = 0; o < Outputs; o++)
        {
            var bias = new Vector<float>(Biases[o]);
            var row = Vectors(y.Slice(o * Panel, Panel));
            if (relu) for (int i = 0; i < row.Length; i++) row[i] = Vector.Max(row[i] + bias, Vector<float>.Zero);
            else for (int i = 0; i < row.Length; i++) row[i] += bias;
        }
    }

    /// <summary>The same for one column: the bits that it has in a panel.</summary>
    public void ForwardColumn(ReadOnlySpan<float> x, Span<float> y, bool relu)
    {
        if (Outputs == 1)
        {
            float sum = 0;
            for (int i = 0; i < Inputs; i++) sum += Parameters[i] * x[i];
            y[0] = sum;
        }
        else
        {
            MatrixProduct.Column(Parameters, _width, x[..Inputs], y[..Rows]);
        }
        for (int o = 0; o < Outputs; o++) y[o] = relu ? MathF.Max(y[o] + Biases[o], 0) : y[o] + Biases[o];
    }

    private void ForwardSingle(ReadOnlySpan<float> x, Span<float> y)
    {
        var sum = Vectors(y[..Panel]);
        sum.Clear();
        for (int i = 0; i < Inputs; i++)
        {
            var weight = new Vector<float>(Parameters[i]);
            var row = Vectors(x.Slice(i * Panel, Panel));
            for (int j = 0; j < sum.Length; j++) sum[j] += weight * row[j];
        }
    }

    /// <summary>Sets <see cref="Gradient"/> of some rows from dL/dy, panel after panel, and the transposed input, [batch, padded inputs].</summary>
    public void Backward(ReadOnlySpan<float> dy, ReadOnlySpan<float> transposedInput, int from, int to)
    {
        int stride = Outputs == 1 ? Panel : Rows * Panel, panels = dy.Length / stride;
        if (Outputs == 1)
        {
            var total = Gradient.AsSpan(0, _width);
            total.Clear();
            var sum = Vectors(total);
            for (int b = 0; b < dy.Length; b++)
            {
                var scale = new Vector<float>(dy[b]);
                var row = Vectors(transposedInput.Slice(b * _width, _width));
                for (int j = 0; j < sum.Length; j++) sum[j] += scale * row[j];
            }
        }
        else
        {
            MatrixProduct.Run(dy[(from * Panel)..], Panel, 1, stride, panels, transposedInput, Gradient.AsSpan(from * _width, (to - from) * _width), to - from, _width, Panel);
        }
        for (int o = from; o < Math.Min(to, Outputs); o++)
        {
            var sum = Vector<float>.Zero;
            for (int panel = 0; panel < panels; panel++)
                foreach (var part in Vectors(dy.Slice(panel * stride + o * Panel, Panel))) sum += part;
            Gradient[Rows * _width + o] = Vector.Sum(sum);
        }
    }

    /// <summary>dL/dx = Wᵀ·dL/dy of a panel, as [padded inputs, panel].</summary>
    public void BackwardToInput(ReadOnlySpan<float> dy, Span<float> dx)
    {
        if (Outputs > 1)
        {
            MatrixProduct.Run(Parameters, 1, _width, dy, dx, MatrixProduct.PaddedRows(Inputs), Panel, Outputs);
            return;
        }
        for (int i = 0; i < Inputs; i++) ScaleRow(dy, dx.Slice(i * Panel, Panel), Parameters[i]);
    }

    /// <summary>dL/dx of one input alone, for a panel.</summary>
    public void BackwardToInput(int input, ReadOnlySpan<float> dy, Span<float> dx)
    {
        var sum = Vectors(dx[..Panel]);
        sum.Clear();
        for (int o = 0; o < Outputs; o++)
        {
            var weight = new Vector<float>(Parameters[o * _width + input]);
            var row = Vectors(dy.Slice(o * Panel, Panel));
            for (int j = 0; j < sum.Length; j++) sum[j] += weight * row[j];
        }
    }

    /// <summary>Adam (Kingma and Ba, 2015), step <paramref name="t"/> counted from 1, and the target's soft update by <paramref name="tau"/> in the same pass.</summary>
    public void Update(DenseLayer target, double rate, int t, double tau) => Update(target, new AdamStep(rate, t, tau), 0, Rows);

    /// <summary>The same for some rows.</summary>
    public void Update(DenseLayer target, in AdamStep step, int from, int to)
    {
        Update(target, step, from * _width, (to - from) * _width);
        Update(target, step, Rows * _width + from, to - from);

        void Update(DenseLayer target, in AdamStep step, int at, int count) => step.Apply(
            Vectors(Parameters.AsSpan(at, count)), Vectors(Gradient.AsSpan(at, count)), Vectors(_firstMoment.AsSpan(at, count)), Vectors(_secondMoment.AsSpan(at, count)),
            Vectors(target.Parameters.AsSpan(at, count)));
    }

    private static void ScaleRow(ReadOnlySpan<float> source, Span<float> destination, float factor)
    {
        var from = Vectors(source);
        var to = Vectors(destination);
        var scale = new Vector<float>(factor);
        for (int i = 0; i < to.Length; i++) to[i] = from[i] * scale;
    }

    private static Span<Vector<float>> Vectors(Span<float> row) => MemoryMarshal.Cast<float, Vector<float>>(row);

    private static ReadOnlySpan<Vector<float>> Vectors(ReadOnlySpan<float> row) => MemoryMarshal.Cast<float, Vector<float>>(row);
}
