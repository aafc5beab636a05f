using System.Collections.Immutable;
using System.Globalization;
using Haq.Engine.Diagnostics;
using Haq.Engine.Graphs;
using Haq.Engine.Hardware.Probes;
using Haq.Engine.Layers;
using Haq.Engine.Numerics;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Calibration;
using Haq.Engine.Quantization.Export;
using Haq.Engine.Quantization.Preparation;
using Haq.Engine.Quantization.Weights;
using Haq.Engine.Runtime;

namespace Haq.Engine.Pipeline.Probing;

/// <summary>
/// Writes what is to be measured of a network on a device: probes, cut out of the files that the network's uniform policies are exported to, so that what is measured is what will run; their
/// inputs; runners; and <c>measure.json</c>. Scales and zero points are made up: they do not matter to time.
/// </summary>
public sealed class BundleWriter
{
    private readonly QuantizableModel _model;
    private readonly PostTrainingQuantizer _quantizer;
    private readonly ProbingOptions _options;
    private readonly ProbeWriter _writer;
    private readonly int _batch;
    private readonly List<Diagnostic> _warnings = [];

    private BundleWriter(OnnxModel model, ProbingOptions options, string folder)
    {
        var survey = ModelSurvey.Of(model, options.Shapes);
        _batch = options.Batch ?? (int)survey.Shapes.Batch;
        var shapes = survey.View.Inputs.Where(i => survey.Shapes.TryGet(i.Name, out _)).ToDictionary(i => i.Name, i => survey.Shapes[i.Name].Shape.ToArray(), StringComparer.Ordinal);
        bool rebatched = _batch != survey.Shapes.Batch;
        _model = QuantizableModel.Prepare(rebatched ? Rebatching.To(model, _batch, shapes) : model, new PreparationOptions { InputShapes = rebatched ? null : shapes, Tables = false });
        var histogram = new StreamedHistogram();
        histogram.Add([-1, 0, 1]);
        var ranges = new CalibrationTable(new Calibrator(_model).ActivationTensors().ToDictionary(t => t, _ => histogram, StringComparer.Ordinal), samples: 1);
        _quantizer = new PostTrainingQuantizer(_model, ranges, new WeightOptions { Range = WeightRange.Max, SecondOrder = false, Tables = false });
        (_options, _writer) = (options, new ProbeWriter(folder, new ProbeInputs(folder, options.Seed)));
    }

    /// <summary>Writes a bundle. One of the same model is written anew; times that are there and still belong to it are kept.</summary>
    /// <param name="model">A float model.</param>
    /// <param name="options">What to measure.</param>
    /// <param name="folder">Where to.</param>
    /// <param name="warn">Told of parts that have no probe.</param>
    /// <param name="progress">Told what is being done.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="HaqException">The folder holds the bundle of another model, or files and no bundle (HAQ0234);
    /// the model cannot be read or quantized, or a shape is not known (HAQ0301 to HAQ0312).</exception>
    public static ProbeBundle Write(
        OnnxModel model, ProbingOptions options, string folder, Action<Diagnostic> warn, IProgress<PipelineProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(warn);
        var place = new BundleFolder(folder);
        string digest = model.Digest();
        place.RequireFor(digest, Path.GetFileName(model.Name));
        progress?.Report(new PipelineProgress("probes", $"preparing {model.Name}"));
        var writer = new BundleWriter(model, options, folder);
        var bundle = writer.Write(Path.GetFileName(model.Name), digest, progress, cancellation);
        place.Complete(bundle);
        foreach (var warning in writer._warnings) warn(warning);
        return bundle;
    }

    private ProbeBundle Write(string name, string digest, IProgress<PipelineProgress>? progress, CancellationToken cancellation)
    {
        int count = _model.Layers.Length;
        var (alone, group) = (New(count), New(count));
        var start = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        var policies = ImmutableArray.CreateBuilder<ProbedPolicy>();
        string empty = _writer.Write(ProbeKind.Empty, "", "w32a32", ConvertModel.Empty(), 0);
        var all = MixedPolicies.For(_model.Layers, _options.Widths, new SeededRandom(_options.Seed).Fork("policies")).ToArray();
        for (int i = 0; i < all.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            var (title, policy) = all[i];
            progress?.Report(new PipelineProgress("probes", $"network {title}", (double)i / all.Length));
            var network = new ExportedNetwork(_model, QdqExporter.Export(_quantizer.Quantize(policy)));
            string whole = _writer.Write(ProbeKind.Policy, "", title, Required(network.Whole(), name), _model.Layers.Sum(l => l.Macs) * _batch);
            policies.Add(new ProbedPolicy(whole, [.. policy.Bits.ToArray().Select(b => b.ToString())]));
            if (i >= _options.Widths.Length) continue;
            if (network.BeforeLayers()?.Model is { } before) start[title] = _writer.Write(ProbeKind.Start, "", title, before, 0);
            for (int layer = 0; layer < count; layer++) AddLayer(network, layer, title, alone[layer], group[layer]);
        }
        var borders = Borders();
        var converts = Converts(borders).ToImmutableArray();
        return new ProbeBundle
        {
            Version = ProbeBundle.CurrentVersion,
            Model = name,
            ModelDigest = digest,
            Batch = _batch,
            Widths = [.. _options.Widths.Select(w => w.ToString())],
            Layers = [.. _model.Layers.Select((l, i) => new ProbedLayer(l.Name, LoopNest.Of(l.Layer.Shape), alone[i].ToImmutable(), group[i].ToImmutable()))],
            Borders = borders,
            Converts = converts,
            Start = start.ToImmutable(),
            Empty = empty,
            Policies = policies.ToImmutable(),
            Probes = _writer.Ordered(),
        };
    }

    private void AddLayer(ExportedNetwork network, int layer, string pair, ImmutableSortedDictionary<string, string>.Builder alone, ImmutableSortedDictionary<string, string>.Builder group)
    {
        var found = _model.Layers[layer];
        var (whole, single) = (network.Group(layer), network.Alone(layer));
        long macs = found.Macs * _batch;
        string kind = KindOf(found.Layer.Shape);
        if (single?.Model is { } model) alone[pair] = _writer.Write(ProbeKind.Layer, kind, pair, model, macs);
        if (whole.Model is { } entire) group[pair] = _writer.Write(single is null ? ProbeKind.Layer : ProbeKind.Group, kind, pair, entire, macs);
        if (whole.Model is null || single is { Model: null })
        {
            _warnings.Add(DiagnosticCatalog.PartNotProbed.At(new SourceLocation(_model.Float.Name),
                $"what follows '{found.Name}' has no probe of its own at {pair}: {whole.Reason ?? single?.Reason}. Its time is spread over the layers."));
        }
        if (!alone.ContainsKey(pair) && !group.ContainsKey(pair)) throw DiagnosticCatalog.UnknownShape.Error(_model.Float.Name, $"'{found.Name}' cannot be measured by itself: {whole.Reason}. Give shapes with --shape.");
        alone.TryAdd(pair, group.GetValueOrDefault(pair) ?? "");
        group.TryAdd(pair, alone[pair]);
    }

    private ImmutableArray<ProbedBorder> Borders() =>
    [
        .. from found in _model.Layers
           from reader in found.Layer.Consumers.Where(c => c < _model.Layers.Length).DistinctBy(c => _model.Layers[c].Layer.ActivationGroup)
           select new ProbedBorder(found.Layer.Index, reader, _model.Layers[reader].Layer.Shape.InputElements * _batch),
    ];

    private IEnumerable<ProbedConvert> Converts(ImmutableArray<ProbedBorder> borders)
    {
        Bitwidth[] kinds = [.. _options.Widths.Select(w => w.Activations <= Bitwidth.Eight ? Bitwidth.Eight : w.Activations).Distinct().Order()];
        foreach (var border in borders.DistinctBy(b => b.Elements).OrderBy(b => b.Elements))
        {
            long[] shape = [.. _model.Shapes[_model.Layers[border.To].Input].Shape];
            foreach (var from in kinds)
            {
                foreach (var to in kinds.Where(k => k != from))
                {
                    string widths = $"w{from}a{from}-to-w{to}a{to}";
                    string probe = _writer.Write(ProbeKind.Convert, border.Elements.ToString(CultureInfo.InvariantCulture), widths, ConvertModel.Of(shape, from, to), border.Elements);
                    yield return new ProbedConvert(border.Elements, from, to, probe);
                }
            }
        }
    }

    private static OnnxModel Required(ProbeModel probe, string name) => probe.Model ?? throw DiagnosticCatalog.UnknownShape.Error(name, $"the network cannot be measured: {probe.Reason}. Give shapes with --shape.");

    private static string KindOf(LayerShape shape) =>
        shape.Op.ToString().ToLowerInvariant() + string.Join('x', shape.Kernel) + (shape.IsDepthwise ? "dw" : shape.Groups > 1 ? "g" : "");

    private static ImmutableSortedDictionary<string, string>.Builder[] New(int count) =>
        [.. Enumerable.Range(0, count).Select(_ => ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal))];
}
