using System.Collections.Immutable;
using Haq.Engine.Data;
using Haq.Engine.Diagnostics;
using Haq.Engine.Numerics;
using Haq.Engine.Onnx;
using Haq.Engine.Onnx.Shapes;
using Haq.Engine.Runtime;

namespace Haq.Engine.Tests.Zoo;

/// <summary>Seeded noise for every input of a graph, whatever its type: enough to calibrate and compare a network whose data is not at hand. One sample is one run.</summary>
internal sealed class RandomDataset : IDataset
{
    private readonly ulong _seed;
    private readonly IReadOnlyDictionary<string, double[]> _ranges;

    /// <summary><paramref name="ranges"/>, where given, hold the least and the one after the greatest of integers, and as second number the deviation of reals.</summary>
    public RandomDataset(GraphView view, ShapeTable shapes, int count, ulong seed = 11, IReadOnlyDictionary<string, double[]>? ranges = null)
    {
        (Count, _seed, _ranges) = (count, seed, ranges ?? new Dictionary<string, double[]>());
        Inputs = [.. view.Inputs.Select(i => new TensorInfo(i.Name, shapes[i.Name].Type, shapes[i.Name].Shape))];
    }

    public string Name => "noise";

    public SourceLocation? At => null;

    public int Count { get; }

    public ImmutableArray<TensorInfo> Inputs { get; }

    // The batch that the shapes say, taken as one sample.
    public int? FixedBatch => 1;

    public bool HasLabels => false;

    public int LabelOf(int sample) => throw new InvalidOperationException("noise has no labels");

    public void Read(ReadOnlySpan<int> samples, Batch batch)
    {
        var random = new SeededRandom(_seed).Fork($"sample {samples[0]}");
        for (int i = 0; i < Inputs.Length; i++) Fill(Inputs[i], batch.Inputs[i], random);
    }

    public void Dispose()
    {
    }

    // Networks for images know smooth ones: three waves a plane, and a little noise. White noise is nothing that their ranges were trained for.
    private static void Waves(Span<float> planes, int height, int width, SeededRandom random)
    {
        for (int from = 0; from < planes.Length; from += height * width)
        {
            var plane = planes.Slice(from, height * width);
            for (int wave = 0; wave < 3; wave++)
            {
                double across = random.NextNormal() * 8 / width, down = random.NextNormal() * 8 / height, phase = random.NextDouble() * 6.28;
                for (int i = 0; i < plane.Length; i++) plane[i] += (float)(0.25 * Math.Cos(across * (i % width) + down * (i / width) + phase));
            }
            foreach (ref float v in plane) v += 0.05f * (float)random.NextNormal();
        }
    }

    private void Fill(TensorInfo input, OrtTensor tensor, SeededRandom random)
    {
        bool given = _ranges.TryGetValue(input.Name, out double[]? range);
        double deviation = given ? range![1] : 1;
        // Tokens, masks and segments all take small numbers; a mask that is 1 lets every token be seen. Rates pick branches: silero knows 8 and 16 kHz.
        int Whole() => given ? (int)range![0] + random.Next((int)(range[1] - range[0])) : input.Name == "sr" ? 16000 : input.Name.Contains("mask", StringComparison.Ordinal) ? 1 : random.Next(2);
        switch (input.Type)
        {
            case DataType.Float when input.Shape.Length == 4 && input.Shape[2] >= 64:
                Waves(tensor.Values<float>(), (int)input.Shape[^2], (int)input.Shape[^1], random);
                break;
            case DataType.Float:
                foreach (ref float v in tensor.Values<float>()) v = (float)(deviation * random.NextNormal());
                break;
            case DataType.Double:
                foreach (ref double v in tensor.Values<double>()) v = deviation * random.NextNormal();
                break;
            case DataType.Float16:
                foreach (ref Half v in tensor.Values<Half>()) v = (Half)(deviation * random.NextNormal());
                break;
            case DataType.Bfloat16:
                foreach (ref ushort v in tensor.Values<ushort>()) v = (ushort)(BitConverter.SingleToUInt32Bits((float)random.NextNormal()) >> 16);
                break;
            case DataType.Int64:
                foreach (ref long v in tensor.Values<long>()) v = Whole();
                break;
            case DataType.Int32:
                foreach (ref int v in tensor.Values<int>()) v = Whole();
                break;
            case DataType.Bool:
                foreach (ref bool v in tensor.Values<bool>()) v = random.Next(2) == 1;
                break;
            case DataType.Uint8 or DataType.Int8:
                foreach (ref byte v in tensor.Values<byte>()) v = given ? (byte)Whole() : (byte)random.Next(100);
                break;
            default:
                throw new NotSupportedException($"{input.Name} is {input.Type}");
        }
    }
}
