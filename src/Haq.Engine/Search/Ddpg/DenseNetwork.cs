using System.Numerics;
using System.Runtime.InteropServices;
using Haq.Engine.Numerics;

namespace Haq.Engine.Search.Ddpg;

/// <summary>
/// inputs → hidden (ReLU) → hidden (ReLU) → 1, with the scratch memory of one batch. Where a batch does not fill its padding, callers leave the gradient of the
/// padding columns at zero.
/// </summary>
internal sealed class DenseNetwork
{
    private const int Panel = MatrixProduct.ColumnStep;

    // Rows whose gradients and moments are at hand when they are moved.
    private const int RowsTogether = 5 * MatrixProduct.RowStep;

    private readonly DenseLayer[] _layers;
    private readonly float[] _hidden1, _hidden2, _gradient1, _gradient2, _transposed1, _transposed2;
    private readonly (int Layer, int From, int To)[] _shares;

    /// <summary>A new network: hidden layers uniform in ±1/√inputs, the last one in ±<paramref name="lastBound"/>.</summary>
    public DenseNetwork(int inputs, int hidden1, int hidden2, double lastBound, int batch, SeededRandom random)
        : this([new(inputs, hidden1, 1 / Math.Sqrt(inputs), random), new(hidden1, hidden2, 1 / Math.Sqrt(hidden1), random), new(hidden2, 1, lastBound, random)], batch) { }

    private DenseNetwork(DenseLayer[] layers, int batch)
    {
        (_layers, Batch) = (layers, MatrixProduct.PaddedColumns(batch));
        int rows1 = layers[0].Rows, rows2 = layers[1].Rows;
        (_hidden1, _gradient1) = (new float[rows1 * Batch], new float[rows1 * Batch]);
        (_hidden2, _gradient2) = (new float[rows2 * Batch], new float[rows2 * Batch]);
        _transposed1 = new float[MatrixProduct.PaddedColumns(layers[1].Inputs) * Batch];
        _transposed2 = new float[MatrixProduct.PaddedColumns(layers[2].Inputs) * Batch];
        Output = new float[Batch];
        _shares = [.. layers.SelectMany((layer, l) => Enumerable.Range(0, (layer.Rows + RowsTogether - 1) / RowsTogether)
            .Select(s => (l, s * RowsTogether, Math.Min(layer.Rows, (s + 1) * RowsTogether))))];
    }

    /// <summary>Samples of every activation: the batch, padded.</summary>
    public int Batch { get; }

    /// <summary>Panels of samples, which are independent of each other.</summary>
    public int Panels => Batch / Panel;

    /// <summary>Parts of the network that learn independently of each other.</summary>
    public int Shares => _shares.Length;

    /// <summary>The layers, first to last.</summary>
    public IReadOnlyList<DenseLayer> Layers => _layers;

    /// <summary>The last results, [batch].</summary>
    public float[] Output { get; }

    /// <summary>A copy that follows this one slowly.</summary>
    public DenseNetwork Target() => new([.. _layers.Select(l => l.Target())], Batch);

    /// <summary>Computes a panel's <see cref="Output"/> for its <paramref name="x"/>, [inputs, panel].</summary>
    public Span<float> Forward(ReadOnlySpan<float> x, int panel)
    {
        Span<float> hidden1 = Of(_hidden1, panel), hidden2 = Of(_hidden2, panel), output = Of(Output, panel);
        _layers[0].Forward(x, hidden1, relu: true);
        _layers[1].Forward(hidden1, hidden2, relu: true);
        _layers[2].Forward(hidden2, output, relu: false);
        return output;
    }

    /// <summary>The output for one sample, the bits that it has in a panel. What <see cref="Forward"/> left is lost.</summary>
    public float ForwardOne(ReadOnlySpan<float> x)
    {
        _layers[0].ForwardColumn(x, _hidden1, relu: true);
        _layers[1].ForwardColumn(_hidden1, _hidden2, relu: true);
        _layers[2].ForwardColumn(_hidden2, Output, relu: false);
        return Output[0];
    }

    /// <summary>Takes dL/doutput of a panel back to the layers, after its <see cref="Forward"/>; what <see cref="Learn"/> needs of it.</summary>
    public void Backward(ReadOnlySpan<float> dOutput, int panel)
    {
        Transpose(_hidden2, _layers[2].Inputs, _transposed2, panel);
        Transpose(_hidden1, _layers[1].Inputs, _transposed1, panel);
        BackwardThroughHidden(dOutput, panel);
    }

    /// <summary>
    /// A share's gradients of all panels, from dL/doutput and the input transposed to [batch, padded inputs], and its step with <paramref name="target"/> following. Each share needs every panel's
    /// <see cref="Backward"/>.
    /// </summary>
    public void Learn(int share, ReadOnlySpan<float> dOutput, ReadOnlySpan<float> transposedInput, DenseNetwork target, in AdamStep step)
    {
        var (l, from, to) = _shares[share];
        SetGradient(share, dOutput, transposedInput);
        _layers[l].Update(target._layers[l], step, from, to);
    }

    /// <summary>A share's gradients alone.</summary>
    public void SetGradient(int share, ReadOnlySpan<float> dOutput, ReadOnlySpan<float> transposedInput)
    {
        var (l, from, to) = _shares[share];
        if (l == 0) _layers[0].Backward(_gradient1, transposedInput, from, to);
        else if (l == 1) _layers[1].Backward(_gradient2, _transposed1, from, to);
        else _layers[2].Backward(dOutput, _transposed2, from, to);
    }

    /// <summary>dL/dinput of one input alone for a panel; what <see cref="Learn"/> needs is lost.</summary>
    public void BackwardToInput(int input, ReadOnlySpan<float> dOutput, Span<float> dInput, int panel)
    {
        BackwardThroughHidden(dOutput, panel);
        _layers[0].BackwardToInput(input, Of(_gradient1, panel), dInput);
    }

    private void BackwardThroughHidden(ReadOnlySpan<float> dOutput, int panel)
    {
        Span<float> gradient1 = Of(_gradient1, panel), gradient2 = Of(_gradient2, panel);
        _layers[2].BackwardToInput(dOutput, gradient2);
        MaskDead(Of(_hidden2, panel), gradient2);
        _layers[1].BackwardToInput(gradient2, gradient1);
        MaskDead(Of(_hidden1, panel), gradient1);
    }

    private Span<float> Of(float[] panels, int panel) => panels.AsSpan(panel * (panels.Length / Panels), panels.Length / Panels);

    private static void MaskDead(ReadOnlySpan<float> activation, Span<float> gradient)
    {
        var y = MemoryMarshal.Cast<float, Vector<float>>(activation);
        var d = MemoryMarshal.Cast<float, Vector<float>>(gradient);
        for (int i = 0; i < d.Length; i++) d[i] = Vector.ConditionalSelect(Vector.GreaterThan(y[i], Vector<float>.Zero), d[i], Vector<float>.Zero);
    }

    // [features, panel] to [panel, padded features], in blocks that stay in the first-level cache.
    private void Transpose(float[] source, int features, float[] destination, int panel)
    {
        const int block = 16;
        int width = MatrixProduct.PaddedColumns(features);
        Span<float> from = Of(source, panel), to = Of(destination, panel);
        for (int f = 0; f < features; f += block)
        {
            int end = Math.Min(f + block, features);
            for (int b = 0; b < Panel; b++)
                for (int i = f; i < end; i++) to[b * width + i] = from[i * Panel + b];
        }
    }
}
