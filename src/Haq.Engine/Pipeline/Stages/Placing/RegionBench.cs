using Haq.Engine.Data;
using Haq.Engine.Diagnostics;
using Haq.Engine.Evaluation;
using Haq.Engine.Evaluation.Timing;
using Haq.Engine.Onnx;
using Haq.Engine.Pipeline.Inputs;
using Haq.Engine.Pipeline.Outputs;
using Haq.Engine.Pipeline.Running;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Export;
using Haq.Engine.Quantization.Places;
using Haq.Engine.Quantization.Regions;
using Haq.Engine.Reporting.Facts;
using Haq.Engine.Runtime;
using Haq.Engine.Search;
using Haq.Engine.Search.Regions;

namespace Haq.Engine.Pipeline.Stages.Placing;

/// <summary>Measures plans on this machine: the exported file in a session as its users make it, beside the float network as it was read.</summary>
internal sealed class RegionBench : IRegionBench, IDisposable
{
    private const int MostProfiled = 25, LeastProfiled = 8, WarmUps = 3, ComparedSamples = 32, ProbedSamples = 8, LeastProbed = 2;

    // What profiled runs may take, and what running the samples of a probe may.
    private const double ProfilingSeconds = 0.6, ProbingSeconds = 0.15;

    // What the search set shows is a sample of what unseen ones do.
    private const double Reserve = 0.9;

    // Where nothing is asked for outputs keep to float as those of any other target do.
    private const double UsualDistance = 1 - AgreementFacts.Close;

    private static readonly RaceOptions s_short = new() { Patience = TimeSpan.FromSeconds(1.2), MostRounds = 40, LeastRounds = 7 };
    private static readonly RaceOptions s_final = new() { Patience = TimeSpan.FromSeconds(20), LeastRounds = 40, IsForSign = true };

    private readonly RegionInputs _inputs;
    private readonly StageScope _scope;
    private readonly QuantizableModel _model;
    private readonly RegionQuantizer _quantizer;
    private readonly SessionSettings _settings;
    private readonly Batch _batch;
    private readonly OutputComparison _outputs;
    private readonly EvaluationSet _set;
    private readonly double? _limit;
    private OrtSession? _float;
    private double? _floatSeconds;

    public RegionBench(RegionInputs inputs, RegionQuantizer quantizer, StageScope scope)
    {
        (_inputs, _scope, _model, _quantizer) = (inputs, scope, inputs.Model.Value, quantizer);
        _settings = MeasuringSettings.Session(inputs.Settings.Threads);
        _limit = inputs.Settings.AccuracyDrop;
        var data = inputs.Samples.Value;
        _batch = new Batch(data, Batches.SizeFor(data, inputs.Settings.Batch ?? inputs.Target.Value.Batch));
        _batch.Fill(data, [.. Enumerable.Range(0, _batch.Rows).Select(i => i % data.Count)]);
        try
        {
            _outputs = new OutputComparison(_model.Float, data, ComparedSamples, MeasuringSettings.Scoring(_model.Float), scope.Cancellation);
            _set = inputs.Set.Value;
        }
        catch
        {
            _batch.Dispose();
            throw;
        }
    }

    /// <summary>Samples in one timed run.</summary>
    public int Rows => _batch.Rows;

    public (RegionReading Reading, RegionTiming Timing) Profile(RegionPlan plan)
    {
        var model = ModelOf(plan);
        var timing = Race([model], s_short)[0];
        _floatSeconds ??= timing.FloatSeconds;
        var times = TimeAttribution.Of(_inputs.Calibrated.Value.Model.View, Profiled(model, timing.Ratio * _floatSeconds.Value));
        double Of(IReadOnlyDictionary<string, double> table, string key) => table.TryGetValue(key, out double seconds) ? seconds : 0;
        double[] units = [.. _quantizer.Map.Units.Select(u => u.Nodes.Sum(n => Of(times.Nodes, n)))];
        var map = _quantizer.Map;
        double At(IReadOnlyDictionary<string, double> table, RegionTensor t) => Of(table, t.Name) + (t.Producer < 0 ? 0 : map.Units[t.Producer].Inner.Sum(inner => Of(table, inner)));
        double[] quantize = [.. map.Tensors.Select(t => At(times.Quantizing, t) + At(times.Moving, t))];
        double[] dequantize = [.. map.Tensors.Select(t => At(times.Dequantizing, t))];
        double[] dynamic = [.. map.Tensors.Select(t => At(times.Dynamic, t))];
        return (new RegionReading(units, quantize, dequantize, dynamic, timing.Ratio * _floatSeconds.Value), timing);
    }

    public IReadOnlyList<RegionTiming> Race(IReadOnlyList<RegionPlan> plans, bool final) => Race([.. plans.Select(ModelOf)], final ? s_final : s_short);

    public RegionScore Score(RegionPlan plan, bool probe)
    {
        // What weights are written as changes no number: a probe does without looking.
        using var session = new OrtSession(probe ? QdqExporter.Export(_quantizer.Quantize(plan)) : ModelOf(plan), MeasuringSettings.Scoring(_model.Float));
        int probed = Math.Clamp((int)(ProbingSeconds / Math.Max(1e-6, _floatSeconds ?? 0)), LeastProbed, ProbedSamples);
        var (_, cosine, noise) = _outputs.Compare(session, probe ? probed : ComparedSamples, _scope.Cancellation);
        if (probe) return new RegionScore(0, noise);
        double excess = (1 - cosine) / (Reserve * (_limit is > 0 and var points ? points / 100 : UsualDistance));
        if (excess > 1 || _limit is not { } limit) return new RegionScore(excess, noise);
        var quality = _inputs.Settings.Quality;
        double drop = Math.Max(0, quality.Of(_set.Float) - quality.Of(_set.Score(session, _scope.Cancellation)));
        return new RegionScore(Math.Max(excess, drop == 0 ? 0 : drop / limit), noise);
    }

    public void Dispose()
    {
        _float?.Dispose();
        _batch.Dispose();
        _inputs.Set.Close();
    }

    private RegionTiming[] Race(OnnxModel[] models, RaceOptions options)
    {
        using var race = new FileRace(_float ??= new OrtSession(_inputs.Source.Value, _settings), models, _settings, _batch.ByName, options);
        var results = race.Run(_scope.Cancellation);
        return [.. results[1..].Select(r => new RegionTiming(r.Seconds, results[0].Seconds, r.Ratio, r.Low, r.High))];
    }

    private OnnxModel ModelOf(RegionPlan plan) => QdqExporter.Export(_quantizer.Quantize(plan), forProcessor: true);

    // The profiler's own time, and what passes between nodes, is shared out evenly among them, so that they add up to the whole run.
    private NodeProfile Profiled(OnnxModel model, double total)
    {
        using var session = new ProfiledSession(model, _settings);
        int runs = Math.Clamp((int)(ProfilingSeconds / Math.Max(1e-6, total)), LeastProfiled, MostProfiled);
        for (int run = -WarmUps; run < runs; run++)
        {
            _scope.Cancellation.ThrowIfCancellationRequested();
            session.Run(_batch.ByName, warmUp: run < 0);
        }
        var profile = session.Finish();
        if (RegionVerdicts.Incomplete(profile, _model.Float.Name) is { } warning) _scope.Warn(warning);

        double each = (total - profile.Seconds) / Math.Max(1, profile.Nodes.Length);
        return profile with { Nodes = [.. profile.Nodes.Select(n => n with { Seconds = Math.Max(n.Seconds / 10, n.Seconds + each) })] };
    }
}
