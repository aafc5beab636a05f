using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using Google.Protobuf;
using Haq.Engine.Hardware.Probes;
using Haq.Engine.Numerics;
using Haq.Engine.Onnx;
using Haq.Engine.Pipeline.Outputs;
using Onnx;

namespace Haq.Engine.Pipeline.Probing;

/// <summary>The inputs of probes: random numbers that the type, the extents and the seed decide, one file for all probes that read the same.</summary>
internal sealed class ProbeInputs(string folder, ulong seed)
{
    private readonly HashSet<string> _written = new(StringComparer.Ordinal);

    /// <summary>The inputs of a model; their files are written. Null where one has no extents or is of a type without random numbers.</summary>
    public ImmutableArray<ProbeInput>? Of(OnnxModel model) => Of(model, value => [.. value.Type.TensorType.Shape.Dim.Select(d => d.DimValue)]);

    /// <summary>The same with extents from elsewhere, for a model that leaves some of its own open.</summary>
    public ImmutableArray<ProbeInput>? Of(OnnxModel model, Func<ValueInfoProto, long[]> extents)
    {
        var inputs = ImmutableArray.CreateBuilder<ProbeInput>();
        foreach (var value in model.Graph.Input)
        {
            var type = (DataType)value.Type.TensorType.ElemType;
            long[] shape = extents(value);
            string stem = shape.Length == 0 ? "scalar" : string.Join('x', shape.Select(e => e.ToString(CultureInfo.InvariantCulture)));
            string file = $"inputs/{ElementTypes.NameOf(type)}_{stem}.pb";
            if (_written.Add(file))
            {
                if (Values(type, shape.Aggregate(1L, (a, b) => checked(a * b)), new SeededRandom(seed).Fork(file)) is not { } bytes) return null;
                // Without a name, so that models that call their input differently can share it.
                AtomicFile.Write(Path.Combine(folder, file), TensorData.OfBytes("", type, shape, bytes).ToByteArray());
            }
            inputs.Add(new ProbeInput(value.Name, ElementTypes.NameOf(type), [.. shape], file));
        }
        return inputs.ToImmutable();
    }

    // Reals are evenly between 0 and 1; integers of 8 and 16 bits are any; wider ones, which are often positions in a table, are 0 and 1.
    private static byte[]? Values(DataType type, long count, SeededRandom random)
    {
        switch (type)
        {
            case DataType.Float:
                float[] reals = new float[count];
                foreach (ref float v in reals.AsSpan()) v = (float)random.NextDouble();
                return MemoryMarshal.AsBytes(reals.AsSpan()).ToArray();
            case DataType.Double:
                double[] doubles = new double[count];
                foreach (ref double v in doubles.AsSpan()) v = random.NextDouble();
                return MemoryMarshal.AsBytes(doubles.AsSpan()).ToArray();
            case DataType.Float16:
                Half[] halves = new Half[count];
                foreach (ref var v in halves.AsSpan()) v = (Half)random.NextDouble();
                return MemoryMarshal.AsBytes(halves.AsSpan()).ToArray();
            case DataType.Int64:
                long[] longs = new long[count];
                foreach (ref long v in longs.AsSpan()) v = random.Next(2);
                return MemoryMarshal.AsBytes(longs.AsSpan()).ToArray();
            case DataType.Int32:
                int[] integers = new int[count];
                foreach (ref int v in integers.AsSpan()) v = random.Next(2);
                return MemoryMarshal.AsBytes(integers.AsSpan()).ToArray();
            case DataType.Bool:
                return Bytes(count, () => random.Next(2));
            case DataType.Uint8 or DataType.Int8:
                return Bytes(count, () => random.Next(256));
            case DataType.Uint16 or DataType.Int16:
                return Bytes(2 * count, () => random.Next(256));
            default:
                return null;
        }
    }

    private static byte[] Bytes(long count, Func<int> next)
    {
        byte[] bytes = new byte[count];
        foreach (ref byte v in bytes.AsSpan()) v = (byte)next();
        return bytes;
    }
}
