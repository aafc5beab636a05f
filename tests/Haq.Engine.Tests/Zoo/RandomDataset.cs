using System.Collections.Immutable;
using Haq.Engine.Data;
using Haq.Engine.Diagnostics;
using Haq.Engine.Numerics;
using Haq.Engine.Onnx;
using Haq.Engine.Runtime;

namespace Haq.Engine.Tests.Zoo;

/// <summary>Seeded noise for every input of a graph, whatever its type: enough to calibrate and compare a network whose data is not at hand. One sample is one run.</summary>
internal sealed class RandomDataset : IDataset
{
    private readonly ulong _seed;

    public RandomDataset(GraphView view, ShapeTable shapes, int count, ulong seed = 11)
    {
        (Count, _seed) = (count, seed);
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

    private static void Fill(TensorInfo input, OrtTensor tensor, SeededRandom random)
    {
        switch (input.Type)
        {
            case DataType.Float when input.Shape.Length == 4 && input.Shape[2] >= 64:
                Waves(tensor.Values<float>(), (int)input.Shape[^2], (int)input.Shape[^1], random);
                break;
            case DataType.Float:
                foreach (ref float v in tensor.Values<float>()) v = (float)random.NextNormal();
                break;
            // Rates and lengths pick branches: silero knows 8 and 16 kHz.
            case DataType.Int64 when input.Name == "sr":
                tensor.Values<long>().Fill(16000);
                break;
            // Tokens, masks and segments all take small numbers; a mask that is 1 lets every token be seen.
            case DataType.Int64:
                foreach (ref long v in tensor.Values<long>()) v = input.Name.Contains("mask", StringComparison.Ordinal) ? 1 : random.Next(2);
                break;
            case DataType.Int32:
                foreach (ref int v in tensor.Values<int>()) v = input.Name.Contains("mask", StringComparison.Ordinal) ? 1 : random.Next(2);
                break;
            default:
                if (input.Type is DataType.Uint8 or DataType.Int8) foreach (ref byte v in tensor.Values<byte>()) v = (byte)random.Next(100);
                break;
        }
    }
}
