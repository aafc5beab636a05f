using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Haq.Engine.Quantization.Weights;

namespace Haq.Engine.Quantization;

/// <summary>A quantized model's numbers as bytes, to be put back where its float model and policy are known.</summary>
public static class QuantizedLayerFile
{
    private const int Magic = 0x314C5148; // "HQL1"

    /// <summary>Writes the numbers of every layer.</summary>
    public static void Write(QuantizedModel model, Stream stream)
    {
        ArgumentNullException.ThrowIfNull(model);
        using var writer = new BinaryWriter(stream, System.Text.Encoding.UTF8, leaveOpen: true);
        writer.Write(Magic);
        writer.Write(model.Layers.Length);
        foreach (var layer in model.Layers)
        {
            writer.Write((byte)((layer.Weights is null ? 0 : 1) | (layer.Bias is null ? 0 : 2) | (layer.Activation is null ? 0 : 4)));
            if (layer.Weights is { } weights)
            {
                writer.Write(weights.Values.Length);
                writer.Write(MemoryMarshal.AsBytes(weights.Values));
                Write(writer, weights.Scales.AsSpan());
            }
            if (layer.Bias is { } bias) Write(writer, bias.Values.AsSpan());
            if (layer.Activation is not { } activation) continue;
            writer.Write(activation.Scale);
            writer.Write(activation.ZeroPoint);
        }
    }

    /// <summary>The model with the numbers that <see cref="Write(QuantizedModel, Stream)"/> wrote of another of the same policy.</summary>
    /// <exception cref="InvalidDataException">Something else is there.</exception>
    /// <exception cref="EndOfStreamException">It is cut short.</exception>
    public static QuantizedModel Read(QuantizedModel like, Stream stream)
    {
        ArgumentNullException.ThrowIfNull(like);
        using var reader = new BinaryReader(stream, System.Text.Encoding.UTF8, leaveOpen: true);
        if (reader.ReadInt32() != Magic || reader.ReadInt32() != like.Layers.Length) throw new InvalidDataException("not these layers");
        var layers = ImmutableArray.CreateBuilder<QuantizedLayer>(like.Layers.Length);
        foreach (var layer in like.Layers)
        {
            int kinds = reader.ReadByte();
            if (kinds != ((layer.Weights is null ? 0 : 1) | (layer.Bias is null ? 0 : 2) | (layer.Activation is null ? 0 : 4))) throw new InvalidDataException("not these layers");
            var read = layer;
            if (layer.Weights is { } weights)
            {
                short[] values = new short[reader.ReadInt32()];
                reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
                read = read with { Weights = new QuantizedWeights(values, Floats(reader), weights.Layout, weights.Bits, weights.IsPerTensor) };
            }
            ImmutableArray<float>? bias = layer.Bias is null ? null : Floats(reader);
            if (layer.Activation is { } activation) read = read with { Activation = new Quantizer(reader.ReadSingle(), reader.ReadInt32(), activation.Range) };
            layers.Add(bias is { } b ? read.WithBias([.. b.Select(v => (double)v)]) : read);
        }
        return like with { Layers = layers.MoveToImmutable() };
    }

    private static void Write(BinaryWriter writer, ReadOnlySpan<float> values)
    {
        writer.Write(values.Length);
        writer.Write(MemoryMarshal.AsBytes(values));
    }

    private static ImmutableArray<float> Floats(BinaryReader reader)
    {
        float[] values = new float[reader.ReadInt32()];
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
        return [.. values];
    }
}
