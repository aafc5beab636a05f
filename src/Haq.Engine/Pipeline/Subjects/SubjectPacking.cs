using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using Google.Protobuf;
using Haq.Engine.Data;
using Haq.Engine.Files;
using Haq.Engine.Onnx;
using Haq.Engine.Pipeline.Inputs;
using Haq.Engine.Pipeline.Parcels;
using Haq.Engine.Pipeline.Results;
using Haq.Engine.Pipeline.Running;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Smoothing;
using Onnx;

namespace Haq.Engine.Pipeline.Subjects;

/// <summary>Makes a parcel of a subject. What it holds is what the engine would read: samples as they are after preprocessing, and no name of a file or person.</summary>
internal sealed class SubjectPacking : IDisposable
{
    private const int ShardBytes = 4 << 20;

    private readonly SpoolFile _spool = new();
    private readonly Dictionary<string, (string? File, long At)> _places = new(StringComparer.Ordinal);
    private bool _isDone;

    /// <summary>Packs <paramref name="source"/>.</summary>
    /// <exception cref="IOException">The file of what is to be sent cannot be written.</exception>
    public static SubjectParcel Pack(SubjectSource source, CancellationToken cancellation)
    {
        using var packing = new SubjectPacking();
        var description = packing.Describe(source, cancellation);
        packing._spool.Complete();
        packing._isDone = true;
        return new SubjectParcel(packing._spool, description.ToBytes(), description.Parts, packing._places);
    }

    public void Dispose()
    {
        if (!_isDone) _spool.Dispose();
    }

    private SubjectDescription Describe(SubjectSource source, CancellationToken cancellation)
    {
        var (model, external) = Bare(source.Model);
        return new SubjectDescription
        {
            Format = SubjectDescription.CurrentFormat,
            Engine = EngineIdentity.Digest,
            Machine = MachineIdentity.Digest,
            Name = Path.GetFileName(source.Model.Name),
            Model = Add(model.WriteTo),
            External = external,
            Preparation = Describe(source.Preparation),
            Calibration = Add(source.Calibration.Table.Write),
            Smoothing = Add(stream => SmoothingFile.Write(source.Calibration.Smoothed, stream)),
            Ranges = source.Ranges,
            Percentile = source.Percentile,
            Weights = source.Weights,
            Samples = Describe(source.Samples, cancellation),
            Output = source.Output,
            EveryOutput = source.Counts.Every(source.Samples),
            Joined = source.Counts.Joined(),
            Network = source.Network is { } network ? Describe(network) : null,
        };
    }

    private DescribedNetwork Describe(NetworkSource network) => new(
        [.. network.Whole.Policy.Bits.ToArray().SelectMany(b => (int[])[b.Weights.Bits, b.Activations.Bits])],
        Add(stream => QuantizedLayerFile.Write(network.Whole, stream)), network.IsOfVariants);

    private SubjectPart Add(Action<Stream> write)
    {
        var (part, at) = _spool.Add(write);
        _places.TryAdd(part.Digest, (null, at));
        return part;
    }

    // External data is named by its digest: where it lies there is not where it lies here.
    private (ModelProto Model, ImmutableArray<SubjectPart> External) Bare(OnnxModel source)
    {
        var files = source.DataFiles();
        if (files.Count == 0) return (source.Proto, []);
        var parts = files.ToDictionary(f => f, f => new SubjectPart(ContentDigest.Of(f), new FileInfo(f).Length), StringComparer.Ordinal);
        foreach (var (file, part) in parts) _places.TryAdd(part.Digest, (file, 0));
        var model = source.Clone();
        foreach (var (copy, original) in model.Tensors().Zip(source.Tensors()))
        {
            if (!ExternalData.Holds(original)) continue;
            copy.ExternalData.First(e => e.Key == "location").Value = parts[source.External.FileOf(original)].Digest;
        }
        return (model.Proto, [.. parts.Values.DistinctBy(p => p.Digest).OrderBy(p => p.Digest, StringComparer.Ordinal)]);
    }

    private DescribedPreparation Describe(Preparation preparation)
    {
        var profile = preparation.Dialect.Form?.Profile;
        return new DescribedPreparation
        {
            Shapes = new SortedDictionary<string, long[]>(preparation.Shapes, StringComparer.Ordinal),
            FoldBatchNorm = preparation.FoldBatchNorm,
            Simplify = preparation.Simplify,
            Equalize = preparation.Equalize,
            Between = preparation.Between,
            Regions = preparation.Regions,
            Blocks = preparation.Blocks,
            Opset = preparation.Opset,
            Skips = preparation.Skips,
            Target = profile is null ? null : Add(stream => stream.Write(Encoding.UTF8.GetBytes(profile.Text))),
            TargetFile = profile is null ? null : profile.Name + ".yaml",
            Sample = preparation.Sample?.Value is { } sample ? Add(stream => Write(sample, stream)) : null,
        };
    }

    private static void Write(IReadOnlyDictionary<string, TensorProto> sample, Stream stream)
    {
        foreach (var (_, tensor) in sample.OrderBy(t => t.Key, StringComparer.Ordinal)) tensor.WriteDelimitedTo(stream);
    }

    private DescribedSamples Describe(IDataset samples, CancellationToken cancellation)
    {
        using var batch = new Batch(samples, Batches.SizeFor(samples, 1));
        int[] rows = [.. batch.Inputs.Select(t => t.Bytes.Length / batch.Rows)];
        int perShard = Math.Max(1, ShardBytes / (rows.Sum() + (samples.HasLabels ? sizeof(int) : 0)));
        var shards = ImmutableArray.CreateBuilder<SubjectPart>();
        for (int from = 0; from < samples.Count; from += perShard)
        {
            cancellation.ThrowIfCancellationRequested();
            int until = Math.Min(samples.Count, from + perShard);
            shards.Add(Add(stream => Write(samples, batch, rows, from, until, stream)));
        }
        return new DescribedSamples
        {
            Name = "samples",
            Count = samples.Count,
            Inputs = [.. samples.Inputs.Select(i => new DescribedInput(i.Name, (int)i.Type, i.Shape))],
            FixedBatch = samples.FixedBatch,
            HasLabels = samples.HasLabels,
            PerShard = perShard,
            Shards = shards.ToImmutable(),
        };
    }

    private static void Write(IDataset samples, Batch batch, int[] rows, int from, int until, Stream stream)
    {
        Span<byte> label = stackalloc byte[sizeof(int)];
        for (int first = from; first < until; first += batch.Rows)
        {
            int count = Math.Min(batch.Rows, until - first);
            batch.Fill(samples, [.. Enumerable.Range(first, count)]);
            for (int i = 0; i < count; i++)
            {
                for (int t = 0; t < rows.Length; t++) stream.Write(batch.Inputs[t].Bytes.Slice(i * rows[t], rows[t]));
                if (!samples.HasLabels) continue;
                BinaryPrimitives.WriteInt32LittleEndian(label, batch.Labels[i]);
                stream.Write(label);
            }
        }
    }
}
