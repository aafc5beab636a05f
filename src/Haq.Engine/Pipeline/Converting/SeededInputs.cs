using System.Collections.Immutable;
using Haq.Engine.Data;
using Haq.Engine.Diagnostics;
using Haq.Engine.Numerics;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization;
using Haq.Engine.Runtime;

namespace Haq.Engine.Pipeline.Converting;

/// <summary>
/// Random inputs for a network whose data is not at hand: reals evenly within the range that the model quantizes an input to, or of deviation 1 where it says none; integers 0 and 1. One
/// sample is one run. The same seed gives the same numbers.
/// </summary>
internal sealed class SeededInputs : IDataset
{
    private readonly ImmutableArray<Quantizer?> _ranges;
    private readonly ulong _seed;

    /// <param name="inputs">The network's inputs; all extents are numbers.</param>
    /// <param name="ranges">The quantizers of those that have one.</param>
    /// <param name="count">Number of samples.</param>
    /// <param name="seed">Decides about the numbers.</param>
    public SeededInputs(ImmutableArray<TensorInfo> inputs, Func<string, Quantizer?> ranges, int count, ulong seed) =>
        (Inputs, _ranges, Count, _seed) = (inputs, [.. inputs.Select(i => ranges(i.Name))], count, seed);

    public string Name => "random inputs";

    public SourceLocation? At => null;

    public int Count { get; }

    public ImmutableArray<TensorInfo> Inputs { get; }

    public int? FixedBatch => 1;

    public bool HasLabels => false;

    public int LabelOf(int sample) => throw new InvalidOperationException("random inputs have no labels");

    public void Read(ReadOnlySpan<int> samples, Batch batch)
    {
        var random = new SeededRandom(_seed).Fork($"sample {samples[0]}");
        for (int i = 0; i < Inputs.Length; i++) Fill(batch.Inputs[i], Inputs[i], _ranges[i], random);
    }

    public void Dispose()
    {
    }

    private static void Fill(OrtTensor tensor, TensorInfo input, Quantizer? range, SeededRandom random)
    {
        double Real() => range is { } q ? q.Lowest + random.NextDouble() * ((double)q.Highest - q.Lowest) : random.NextNormal();

        switch (input.Type)
        {
            case DataType.Float:
                foreach (ref float v in tensor.Values<float>()) v = (float)Real();
                break;
            case DataType.Double:
                foreach (ref double v in tensor.Values<double>()) v = Real();
                break;
            case DataType.Float16:
                foreach (ref Half v in tensor.Values<Half>()) v = (Half)Real();
                break;
            case DataType.Int64:
                foreach (ref long v in tensor.Values<long>()) v = random.Next(2);
                break;
            case DataType.Int32:
                foreach (ref int v in tensor.Values<int>()) v = random.Next(2);
                break;
            case DataType.Bool:
                foreach (ref bool v in tensor.Values<bool>()) v = random.Next(2) == 1;
                break;
            case DataType.Uint8 or DataType.Int8:
                foreach (ref byte v in tensor.Values<byte>()) v = (byte)random.Next(256);
                break;
            default:
                throw DiagnosticCatalog.NotConvertible.Error((SourceLocation?)null, $"the input '{input.Name}' is of {ElementTypes.NameOf(input.Type)}, for which there are no random inputs. Give samples with --data.");
        }
    }
}
