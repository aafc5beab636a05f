using Haq.Engine.Data;
using Haq.Engine.Runtime;

namespace Haq.Engine.Training.Reconstruction;

/// <summary>What enters a block in the quantized network, and what should leave it: the float network's tensor. Rows of one sample each.</summary>
internal sealed class BlockSamples
{
    private readonly float[] _inputs;
    private readonly float[] _targets;

    private BlockSamples(int count, float[] inputs, float[] targets) => (Count, _inputs, _targets) = (count, inputs, targets);

    /// <summary>Number of samples.</summary>
    public int Count { get; }

    /// <summary>The mean square of all targets.</summary>
    public double Power
    {
        get
        {
            double sum = 0;
            foreach (float y in _targets) sum += (double)y * y;
            return sum / _targets.Length;
        }
    }

    /// <summary>What enters, for a sample.</summary>
    public ReadOnlySpan<float> InputOf(int sample) => _inputs.AsSpan(sample * (_inputs.Length / Count), _inputs.Length / Count);

    /// <summary>What should leave, for a sample.</summary>
    public ReadOnlySpan<float> TargetOf(int sample) => _targets.AsSpan(sample * (_targets.Length / Count), _targets.Length / Count);

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
        count = Math.Min(count, data.Count);
        float[]? inputs = null, targets = null;
        int done = 0;
        foreach (var batch in Batches.InOrder(data, Enumerable.Range(0, count).ToArray(), rows, cancellation))
        {
            using var target = original.Run(batch.ByName)[0];
            using var entering = quantized?.Run(batch.ByName)[0];
            if (!Take(entering ?? batch.ByName[input], batch, ref inputs, done, count) || !Take(target, batch, ref targets, done, count)) return null;
            done += batch.Count;
        }
        return new BlockSamples(count, inputs!, targets!);
    }

    private static bool Take(OrtTensor tensor, Batch batch, ref float[]? all, int done, int count)
    {
        if (tensor.Shape.Length == 0 || tensor.Shape[0] != batch.Rows || tensor.Type != DataType.Float) return false;
        var values = tensor.Values<float>();
        int width = values.Length / batch.Rows;
        all ??= new float[checked(width * count)];
        values[..(batch.Count * width)].CopyTo(all.AsSpan(done * width));
        return true;
    }
}
