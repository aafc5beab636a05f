using Haq.Engine.Data;
using Haq.Engine.Runtime;

namespace Haq.Engine.Training.Reconstruction;

/// <summary>What enters a block in the quantized network, and what should leave it: the float network's tensor. Rows of one sample each.</summary>
internal sealed class BlockSamples : IDisposable
{
    private double _squares;

    /// <summary>Number of samples.</summary>
    public int Count => Targets.Count;

    /// <summary>What enters.</summary>
    public SampleRows Inputs { get; } = new();

    /// <summary>What should leave.</summary>
    public SampleRows Targets { get; } = new();

    /// <summary>The mean square of all targets.</summary>
    public double Power => _squares / ((double)Targets.Width * Count);

    /// <summary>Runs both networks; null where a tensor has no row per sample.</summary>
    /// <param name="quantized">The quantized network up to the block; null where the block's input is the network's, called <paramref name="input"/>.</param>
    /// <param name="original">The float network up to the block's end.</param>
    /// <param name="input">The name of the block's input.</param>
    /// <param name="data">Samples; the first <paramref name="count"/> are taken.</param>
    /// <param name="count">How many.</param>
    /// <param name="cancellation">Ends it.</param>
    public static BlockSamples? Gather(OrtSession? quantized, OrtSession original, string input, IDataset data, int count, CancellationToken cancellation)
    {
        const int rows = 8;
        var samples = new BlockSamples();
        try
        {
            foreach (var batch in Batches.InOrder(data, Enumerable.Range(0, Math.Min(count, data.Count)).ToArray(), rows, cancellation))
            {
                using var target = original.Run(batch.ByName)[0];
                using var entering = quantized?.Run(batch.ByName)[0];
                if (samples.Take(entering ?? batch.ByName[input], target, batch)) continue;
                samples.Dispose();
                return null;
            }
            return samples;
        }
        catch
        {
            samples.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Inputs.Dispose();
        Targets.Dispose();
    }

    private bool Take(OrtTensor entering, OrtTensor target, Batch batch)
    {
        if (!HasRows(entering, batch) || !HasRows(target, batch)) return false;
        Add(Inputs, entering, batch);
        Add(Targets, target, batch);
        foreach (float y in target.Values<float>()[..(batch.Count * Targets.Width)]) _squares += (double)y * y;
        return true;
    }

    private static void Add(SampleRows rows, OrtTensor tensor, Batch batch)
    {
        var values = tensor.Values<float>();
        int width = values.Length / batch.Rows;
        for (int row = 0; row < batch.Count; row++) rows.Add(values.Slice(row * width, width));
    }

    private static bool HasRows(OrtTensor tensor, Batch batch) => tensor.Shape.Length > 0 && tensor.Shape[0] == batch.Rows && tensor.Type == DataType.Float;
}
