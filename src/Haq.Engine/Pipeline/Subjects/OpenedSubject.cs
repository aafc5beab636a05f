using System.Collections.Immutable;
using System.Text;
using Haq.Engine.Dialects;
using Haq.Engine.Evaluation;
using Haq.Engine.Evaluation.Diagnosis;
using Haq.Engine.Evaluation.Distributed;
using Haq.Engine.Layers;
using Haq.Engine.Onnx;
using Haq.Engine.Pipeline.Inputs;
using Haq.Engine.Pipeline.Parcels;
using Haq.Engine.Pipeline.Running;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Calibration;
using Haq.Engine.Quantization.Smoothing;
using Onnx;

namespace Haq.Engine.Pipeline.Subjects;

/// <summary>A subject ready for work: what gives policies their numbers, and the samples that they are scored on. It gives the bits that the pipeline which described it gives.</summary>
public sealed class OpenedSubject : IDisposable
{
    private readonly QuantizableModel _prepared;
    private readonly ShardedSamples _samples;

    private readonly NetworkSource? _network;

    private OpenedSubject(QuantizableModel prepared, PostTrainingQuantizer quantizer, ShardedSamples samples, EvaluationSet set, NetworkSource? network) =>
        (_prepared, Quantizer, _samples, Set, _network) = (prepared, quantizer, samples, set, network);

    /// <summary>What gives every layer its numbers under any policy.</summary>
    public PostTrainingQuantizer Quantizer { get; }

    /// <summary>The samples, with the float network's outputs on them.</summary>
    public EvaluationSet Set { get; }

    /// <summary>What scores on it, by so many threads.</summary>
    /// <param name="digest">The parcel's.</param>
    /// <param name="threads">How many pieces at a time.</param>
    public LocalPool OpenPool(string digest, int threads) => _network is not { } network ? new LocalPool(digest, Quantizer, Set, threads)
        : new LocalPool(digest, Set, threads, network.IsOfVariants ? DamageMeasurements.OpenVariants(network.Whole, Set) : DamageMeasurements.OpenProbes(Quantizer, network.Whole, Set),
            LocalPool.WeightBytes(Quantizer));

    /// <summary>Puts the parts together, each checked before by whoever keeps them.</summary>
    /// <param name="description">A parcel's description.</param>
    /// <param name="pathOf">Where a part lies; all of them in one folder, under their digests.</param>
    /// <param name="threads">Runs at the same time.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="InvalidDataException">A part does not hold what it should, or another engine or class of machine described it.</exception>
    /// <exception cref="Haq.Engine.Diagnostics.HaqException">The network cannot be used.</exception>
    public static OpenedSubject Open(ReadOnlySpan<byte> description, Func<SubjectPart, string> pathOf, int threads, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(pathOf);
        var said = SubjectDescription.Read(description);
        if (said.Engine != EngineIdentity.Digest || said.Machine != MachineIdentity.Digest)
            throw new InvalidDataException("another engine, or one on another class of machine, described the subject");
        string model = pathOf(said.Model);
        var source = OnnxModel.Parse(File.ReadAllBytes(model), said.Name, Path.GetDirectoryName(Path.GetFullPath(model)));
        QuantizableModel? prepared = null;
        ShardedSamples? samples = null;
        try
        {
            var preparation = Of(said.Preparation, pathOf);
            prepared = QuantizableModel.Prepare(source, preparation.Options());
            var quantizer = QuantizerOf(said, prepared, pathOf);
            samples = new ShardedSamples(said.Samples, pathOf);
            var options = new EvaluationOptions { Output = said.Output, EveryOutput = said.EveryOutput, Joined = said.Joined, Workers = threads };
            return new OpenedSubject(prepared, quantizer, samples, new EvaluationSet(source, samples, options, cancellation), NetworkOf(said.Network, quantizer, pathOf));
        }
        catch
        {
            samples?.Dispose();
            prepared?.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Set.Dispose();
        _samples.Dispose();
        _prepared.Dispose();
    }

    private static PostTrainingQuantizer QuantizerOf(SubjectDescription said, QuantizableModel prepared, Func<SubjectPart, string> pathOf)
    {
        using var histograms = File.OpenRead(pathOf(said.Calibration));
        using var factors = File.OpenRead(pathOf(said.Smoothing));
        var calibration = new Results.Calibration(SmoothingFile.Read(factors), CalibrationTable.Read(histograms));
        return calibration.QuantizerOf(prepared, said.Ranges, said.Percentile, said.Weights);
    }

    private static NetworkSource? NetworkOf(DescribedNetwork? said, PostTrainingQuantizer quantizer, Func<SubjectPart, string> pathOf)
    {
        if (said is null) return null;
        if (said.Bits.Length % 2 != 0 || said.Bits.Any(b => b is < Bitwidth.Min or > Bitwidth.Max)) throw new InvalidDataException("a subject's network has widths that cannot be");
        using var numbers = File.OpenRead(pathOf(said.Numbers));
        try
        {
            var like = quantizer.Quantize(new Policy([.. said.Bits.Chunk(2).Select(b => new LayerBits(b[0], b[1]))]));
            return new NetworkSource(QuantizedLayerFile.Read(like, numbers), said.IsOfVariants);
        }
        catch (Exception e) when (e is ArgumentException or EndOfStreamException)
        {
            throw new InvalidDataException("a subject's network is not one of its quantizer", e);
        }
    }

    private static Preparation Of(DescribedPreparation said, Func<SubjectPart, string> pathOf)
    {
        var profile = said.Target is { } target ? DialectReader.Read(said.TargetFile ?? "target.yaml", Encoding.UTF8.GetString(File.ReadAllBytes(pathOf(target)))) : null;
        return new Preparation
        {
            Shapes = said.Shapes.ToImmutableSortedDictionary(StringComparer.Ordinal),
            FoldBatchNorm = said.FoldBatchNorm,
            Simplify = said.Simplify,
            Equalize = said.Equalize,
            Between = said.Between,
            Regions = said.Regions,
            Blocks = said.Blocks,
            Opset = said.Opset,
            Skips = said.Skips,
            Dialect = new TargetDialect(profile?.Digest, profile is null ? null : DialectForm.Of(profile)),
            Sample = said.Sample is { } sample ? StageRunner.Given<IReadOnlyDictionary<string, TensorProto>?>("sample", () => sample.Digest, () => SampleIn(pathOf(sample))) : null,
        };
    }

    private static IReadOnlyDictionary<string, TensorProto> SampleIn(string path)
    {
        var sample = new Dictionary<string, TensorProto>(StringComparer.Ordinal);
        using var stream = File.OpenRead(path);
        while (stream.Position < stream.Length)
        {
            var tensor = TensorProto.Parser.ParseDelimitedFrom(stream);
            sample.Add(tensor.Name, tensor);
        }
        return sample;
    }
}
