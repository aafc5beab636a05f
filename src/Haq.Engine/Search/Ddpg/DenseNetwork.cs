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
    private readonly DenseLayer[] _layers;
    private readonly float[] _hidden1, _hidden2, _gradient1, _gradient2, _transposed1, _transposed2;

    /// <summary>A new network: hidden layers uniform in ±1/√inputs, the last one in ±<paramref name="lastBound"/>.</summary>
    public DenseNetwork(int inputs, int hidden1, int hidden2, double lastBound, int batch, SeededRandom random)
        : this([new(inputs, hidden1, 1 / Math.Sqrt(inputs), random), new(hidden1, hidden2, 1 / Math.Sqrt(hidden1), random), new(hidden2, 1, lastBound, random)], batch) { }

    private DenseNetwork(DenseLayer[] layers, int batch)
    {
        (_layers, Batch) = (layers, MatrixProduct.PaddedColumns(batch));
        int rows1 = MatrixProduct.PaddedRows(layers[1].Inputs), rows2 = MatrixProduct.PaddedRows(layers[2].Inputs);
        (_hidden1, _gradient1) = (new float[rows1 * Batch], new float[rows1 * Batch]);
        (_hidden2, _gradient2) = (new float[rows2 * Batch], new float[rows2 * Batch]);
        _transposed1 = new float[MatrixProduct.PaddedColumns(layers[1].Inputs) * Batch];
        _transposed2 = new float[MatrixProduct.PaddedColumns(layers[2].Inputs) * Batch];
        Output = new float[Batch];
    }

    /// <summary>Columns of every activation: the batch, padded.</summary>
    public int Batch { get; }

    /// <summary>The layers, first to last.</summary>
    public IReadOnlyList<DenseLayer> Layers => _layers;

    /// <summary>The last <see cref="Forward"/>'s result, [batch].</summary>
    public float[] Output { get; }

    /// <summary>A copy that follows this one slowly.</summary>
    public DenseNetwork Target() => new([.. _layers.Select(l => l.Target())], Batch);

    /// <summary>Computes <see cref="Output"/> for <paramref name="x"/>, [inputs, batch].</summary>
    public ReadOnlySpan<float> Forward(ReadOnlySpan<float> x)
    {
        _layers[0].Forward(x, _hidden1, Batch, relu: true);
        _layers[1].Forward(_hidden1, _hidden2, Batch, relu: true);
        _layers[2].Forward(_hidden2, Output, Batch, relu: false);
        return Output;
    }

    /// <summary>Sets every layer's gradient for the batch of the last <see cref="Forward"/>, from dL/doutput and the input transposed to [batch, padded inputs].</summary>
    public void Backward(ReadOnlySpan<float> dOutput, ReadOnlySpan<float> transposedInput)
    {
        Transpose(_hidden2, _layers[2].Inputs, _transposed2);
        Transpose(_hidden1, _layers[1].Inputs, _transposed1);
        BackwardThroughHidden(dOutput);
        _layers[2].Backward(dOutput, _transposed2, Batch);
        _layers[1].Backward(_gradient2, _transposed1, Batch);
        _layers[0].Backward(_gradient1, transposedInput, Batch);
    }

    /// <summary>dL/dinput of one input alone, [batch]; the layers' gradients stay as they are.</summary>
    public void BackwardToInput(int input, ReadOnlySpan<float> dOutput, Span<float> dInput)
    {
        BackwardThroughHidden(dOutput);
        _layers[0].BackwardToInput(input, _gradient1, dInput, Batch);
    }

    /// <summary>One step of Adam, with <paramref name="target"/> following by <paramref name="tau"/>.</summary>
    public void Update(DenseNetwork target, double rate, int t, double tau)
    {
        for (int i = 0; i < _layers.Length; i++) _layers[i].Update(target._layers[i], rate, t, tau);
    }

    private void BackwardThroughHidden(ReadOnlySpan<float> dOutput)
    {
        _layers[2].BackwardToInput(dOutput, _gradient2, Batch);
        MaskDead(_hidden2, _gradient2);
        _layers[1].BackwardToInput(_gradient2, _gradient1, Batch);
        MaskDead(_hidden1, _gradient1);
    }

    private static void MaskDead(float[] activation, float[] gradient)
    {
        var y = MemoryMarshal.Cast<float, Vector<float>>(activation.AsSpan());
        var d = MemoryMarshal.Cast<float, Vector<float>>(gradient.AsSpan());
        for (int i = 0; i < d.Length; i++) d[i] = Vector.ConditionalSelect(Vector.GreaterThan(y[i], Vector<float>.Zero), d[i], Vector<float>.Zero);
    }

    // [features, batch] to [batch, padded features], in blocks that stay in the first-level cache.
    private void Transpose(float[] source, int features, float[] destination)
    {
        const int block = 16;
        int width = MatrixProduct.PaddedColumns(features);
        for (int f = 0; f < features; f += block)
        {
            int end = Math.Min(f + block, features);
            for (int b = 0; b < Batch; b++)
                for (int i = f; i < end; i++) destination[b * width + i] = source[i * Batch + b];
        }
    }
}
