using System.Collections.Immutable;
using Haq.Engine.Data;
using Haq.Engine.Diagnostics;
using Haq.Engine.Onnx;
using Haq.Engine.Runtime;

namespace Haq.Engine.Tests;

/// <summary>Samples in memory, for one input.</summary>
internal sealed class ArrayDataset(string input, long[] sample, float[] values, int[]? labels = null, int? fixedBatch = null) : IDataset
{
    private readonly int _size = (int)sample.Aggregate(1L, (a, b) => a * b);

    public string Name => "array";

    public SourceLocation? At => null;

    public int? FixedBatch => fixedBatch;

    public int Count => values.Length / _size;

    public ImmutableArray<TensorInfo> Inputs => [new TensorInfo(input, DataType.Float, [fixedBatch ?? -1, .. sample])];

    public bool HasLabels => labels is not null;

    public int LabelOf(int sample) => labels![sample];

    public void Read(ReadOnlySpan<int> samples, Batch batch)
    {
        var rows = batch.Inputs[0].Values<float>();
        for (int i = 0; i < samples.Length; i++) values.AsSpan(samples[i] * _size, _size).CopyTo(rows[(i * _size)..]);
    }

    public void Dispose()
    {
    }

    /// <summary>Images of an IDX file over 255 and their labels.</summary>
    public static ArrayDataset Fashion(string images, string labels, string input, int count)
    {
        byte[] pixels = Decompress(images), classes = Decompress(labels);
        float[] values = new float[count * 784];
        for (int i = 0; i < values.Length; i++) values[i] = pixels[16 + i] / 255f;
        return new ArrayDataset(input, [1, 28, 28], values, [.. classes.Skip(8).Take(count).Select(c => (int)c)]);
    }

    private static byte[] Decompress(string path)
    {
        using var file = File.OpenRead(path);
        using var gzip = new System.IO.Compression.GZipStream(file, System.IO.Compression.CompressionMode.Decompress);
        using var memory = new MemoryStream();
        gzip.CopyTo(memory);
        return memory.ToArray();
    }
}
