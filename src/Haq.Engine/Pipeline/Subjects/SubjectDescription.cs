using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Haq.Engine.Evaluation;
using Haq.Engine.Pipeline.Parcels;
using Haq.Engine.Quantization.Calibration;
using Haq.Engine.Quantization.Preparation;
using Haq.Engine.Quantization.Weights;

namespace Haq.Engine.Pipeline.Subjects;

/// <summary>What a subject consists of. Its bytes name every part by digest, so that their own digest names the whole.</summary>
internal sealed record SubjectDescription
{
    /// <summary>Raised whenever a description means something else.</summary>
    public const int CurrentFormat = 2;

    /// <summary>Which form this is.</summary>
    public required int Format { get; init; }

    /// <summary>The engine that described it: only the same one gives the same bits.</summary>
    public required string Engine { get; init; }

    /// <summary>The class of the machine that did.</summary>
    public required string Machine { get; init; }

    /// <summary>What errors call the network.</summary>
    public required string Name { get; init; }

    /// <summary>The network; its external data is in parts that it names by their digests.</summary>
    public required SubjectPart Model { get; init; }

    /// <summary>Files with the network's external data.</summary>
    public required ImmutableArray<SubjectPart> External { get; init; }

    /// <summary>How it is made ready.</summary>
    public required DescribedPreparation Preparation { get; init; }

    /// <summary>Histograms and choices of ranges.</summary>
    public required SubjectPart Calibration { get; init; }

    /// <summary>The tensors whose channels are evened out.</summary>
    public required SubjectPart Smoothing { get; init; }

    /// <summary>How ranges are found; null where calibration chose per tensor.</summary>
    public required RangeMethod? Ranges { get; init; }

    /// <summary>What ranges by percentile keep.</summary>
    public required double Percentile { get; init; }

    /// <summary>How weights are quantized.</summary>
    public required WeightOptions Weights { get; init; }

    /// <summary>The samples.</summary>
    public required DescribedSamples Samples { get; init; }

    /// <summary>The output to look at; null for the main one.</summary>
    public required string? Output { get; init; }

    /// <summary>The other outputs count as well.</summary>
    public required bool EveryOutput { get; init; }

    /// <summary>What the loss of several outputs is made of.</summary>
    public required JoinedLoss Joined { get; init; }

    /// <summary>A network whose layers are looked at; null where policies are compared.</summary>
    public required DescribedNetwork? Network { get; init; }

    /// <summary>Every part, each once.</summary>
    [JsonIgnore]
    public IEnumerable<SubjectPart> Parts =>
        new[] { Model, Calibration, Smoothing, Preparation.Sample, Preparation.Target, Network?.Numbers }.OfType<SubjectPart>().Concat(External).Concat(Samples.Shards).DistinctBy(p => p.Digest);

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, SubjectJson.Default.SubjectDescription);

    /// <exception cref="InvalidDataException">It is no description.</exception>
    public static SubjectDescription Read(ReadOnlySpan<byte> bytes)
    {
        try
        {
            var read = JsonSerializer.Deserialize(bytes, SubjectJson.Default.SubjectDescription) ?? throw new InvalidDataException("a subject's description is empty");
            if (read.Format != CurrentFormat) throw new InvalidDataException($"a subject's description has form {read.Format}, this engine reads {CurrentFormat}");
            if (read.Parts.FirstOrDefault(p => !p.IsValid) is { } wrong) throw new InvalidDataException($"a subject's description names a part '{wrong.Digest}' of {wrong.Bytes} bytes, which cannot be");
            return read;
        }
        catch (JsonException e)
        {
            throw new InvalidDataException("a subject's description is not well-formed", e);
        }
    }
}

/// <summary>The settings of <see cref="Inputs.Preparation"/>.</summary>
internal sealed record DescribedPreparation
{
    public required SortedDictionary<string, long[]> Shapes { get; init; }

    public required bool FoldBatchNorm { get; init; }

    public required ImmutableArray<string> Simplify { get; init; }

    public required bool Equalize { get; init; }

    public required BetweenLayers Between { get; init; }

    public required bool Regions { get; init; }

    public required bool Blocks { get; init; }

    public required int Opset { get; init; }

    public required ImmutableArray<Inputs.SkipRule> Skips { get; init; }

    /// <summary>The target's file; null for ONNX Runtime on a processor.</summary>
    public required SubjectPart? Target { get; init; }

    /// <summary>What the target's file is called, as its name may come from there.</summary>
    public required string? TargetFile { get; init; }

    /// <summary>One sample, for extents that rules do not tell.</summary>
    public required SubjectPart? Sample { get; init; }
}

/// <param name="Bits">The widths of weights and activations of every layer, one after the other.</param>
/// <param name="Numbers">Its layers' numbers.</param>
/// <param name="IsOfVariants">What policies mean: <see cref="NetworkSource.IsOfVariants"/>.</param>
internal sealed record DescribedNetwork(ImmutableArray<int> Bits, SubjectPart Numbers, bool IsOfVariants);

/// <summary>Samples as the network takes them.</summary>
internal sealed record DescribedSamples
{
    public required string Name { get; init; }

    public required int Count { get; init; }

    public required ImmutableArray<DescribedInput> Inputs { get; init; }

    public required int? FixedBatch { get; init; }

    public required bool HasLabels { get; init; }

    /// <summary>Samples of each shard, the last one aside.</summary>
    public required int PerShard { get; init; }

    /// <summary>Consecutive samples, each the bytes of its inputs and, where there are labels, a 32-bit little-endian label.</summary>
    public required ImmutableArray<SubjectPart> Shards { get; init; }
}

/// <param name="Name">The input's name.</param>
/// <param name="Type">Its element type, as ONNX numbers them.</param>
/// <param name="Shape">Its shape; a first extent of -1 is free.</param>
internal sealed record DescribedInput(string Name, int Type, ImmutableArray<long> Shape);

/// <summary>Serialization without reflection.</summary>
[JsonSourceGenerationOptions(NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(SubjectDescription))]
internal sealed partial class SubjectJson : JsonSerializerContext;
