using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Haq.Engine.Data;
using Haq.Engine.Diagnostics;
using Haq.Engine.Evaluation;
using Haq.Engine.Layers;
using Haq.Engine.Manifest;
using Haq.Engine.Numerics.Units;
using Haq.Engine.Onnx;
using Haq.Engine.Pipeline.Inputs;
using Haq.Engine.Pipeline.LockFiles;
using Haq.Engine.Pipeline.Outputs;
using Haq.Engine.Pipeline.Results;
using Haq.Engine.Pipeline.Running;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Export;
using Haq.Engine.Reporting;
using Haq.Engine.Reporting.Facts;
using Haq.Engine.Runtime;
using Haq.Engine.Search;
using Haq.Engine.Training;

namespace Haq.Engine.Pipeline.Stages.Reports;

/// <summary>Measures the exported file on images that no choice was made on, and gathers the facts of the build.</summary>
internal sealed class ReportStage : Stage<ReportInputs, ReportModel>
{
    private const string TooLarge =
        "With more than a gigabyte of parameters the network itself was measured, but not the uniform policies beside it, nor what each step gains, nor which layers do the damage: every one of these takes a "
        + "quantized network of its own. Ask for them with 'haq evaluate --steps' and 'haq inspect haq.yaml'.";

    private const string Raced =
        "Whole files were measured and raced, which is what the choice was made by. What each step of quantization gains and which layers do the damage was not measured besides: ask for it with "
        + "'haq evaluate --steps' and 'haq inspect haq.yaml'.";

    // Of the time that a report may measure, before the rest is begun.
    private const double DiagnosisShare = 0.5;

    // Of the same time, for the runs of float and quantized model in turn.
    private const double TimingShare = 0.2;

    private static readonly TimeSpan s_timing = TimeSpan.FromSeconds(2);

    private static readonly ImmutableArray<int> s_baselines = [8, 6, 5, 4];

    public override string Name => "report";

    public override ReportModel Run(ReportInputs inputs, StageScope scope)
    {
        if (inputs.Outcome.Mending is { } mending) scope.Warn(Agreement.Told(inputs.Source.Value.Name, mending));
        var report = inputs.Measured is { } measured ? Measure(inputs, measured, scope) : Quote(inputs, inputs.Locked!);
        if (inputs.Manifest.Budget.Size is { Value.Dimension: Dimension.Size } size && report.FileBytes is { } bytes && bytes > size.Value.Value)
        {
            scope.Warn(DiagnosticCatalog.FileLarger.At(size.At,
                $"'size: {size.Value}' is kept by the parameters as {report.Hardware.Name} stores them, {Figure.Bytes(report.Cost.SizeBytes)}; the file has {Figure.Bytes(bytes)}, because ONNX stores integers in 4 or 8 bits, and the graph beside them. Write 'file-size' to bound the file."));
        }
        return report;
    }

    private static ReportModel Measure(ReportInputs inputs, MeasuredInputs measured, StageScope scope)
    {
        var (outcome, pricing) = (inputs.Outcome, inputs.Task.Pricing.Value);
        var (model, quantizer, quantized, final) = (inputs.Task.Model.Value, measured.Quantizer.Value, measured.Quantized.Value, measured.Final.Value);
        var (exported, tuned) = (inputs.Exported.Value.Runnable, measured.Tuned?.Value);
        bool elsewhere = model.Form is not null;
        var outputs = OriginalCheck.Run(inputs, measured, final, exported, scope);
        var set = measured.Set.Value;
        scope.Report($"measuring on {set.Count} samples", 0);
        // The files as their users run them: plain sessions with ONNX Runtime's defaults.
        var samples = Samples(set, exported, elsewhere ? PlainSession.For(quantized.Model, elsewhere) : MeasuringSettings.Scoring(quantized.Model, outcome.Regions is not null), scope.Cancellation);
        var score = set.Summarize(samples);
        var delivered = AccuracyFacts.Of(score);
        var untrained = tuned is null ? delivered : AccuracyFacts.Of(set.Score(QdqExporter.Export(quantized), PlainSession.For(quantized.Model, elsewhere), scope.Cancellation));
        var baselines = ImmutableArray.CreateBuilder<BaselineFacts>();
        var measuring = new MeasuredEvaluator(quantizer, set);
        var evaluator = new EvaluationMemo(measuring);
        bool huge = model.Float.IsHuge;
        // A processor has no narrower integers than 8 bits; its report says what was measured on the way, and is not kept waiting for more.
        bool raced = outcome.Regions is not null, brief = huge || raced;
        int[] compared = raced ? [Bitwidth.Eight] : Compared(pricing);
        var time = new MeasuringTime(scope.Elapsed, inputs.IsFull);
        var left = new LeftOut();
        var diagnosis = brief ? null : LayerDamage.Of(model, quantizer, final, measured.Diagnosis, time.UpTo(DiagnosisShare), scope);
        if (diagnosis is { Layers: var looked }) left.Add("which layers do the damage", looked.Count(l => l.GivenBack is not null), looked.Length);
        int widest = Widest(pricing);
        TimeSpan? took = null;
        foreach (int bits in compared)
        {
            if (pricing.Uniform(bits) is not { } policy) continue;
            if (bits != Bitwidth.Eight && bits != widest && !IsDelivered(policy) && !time.Admits(took))
            {
                left.Add($"accuracy at uniform {bits} bit");
                baselines.Add(Baseline(pricing, bits, policy));
                continue;
            }
            scope.Report($"measuring uniform {bits} bit", (baselines.Count + 1.0) / (compared.Length + 2));
            var baseline = Baseline(pricing, bits, policy);
            baselines.Add(huge ? baseline with { Quantized = policy.Equals(outcome.Policy) ? untrained : null } : Measured(baseline, policy));
        }
        if (!brief && pricing.UniformWide is { } wide)
        {
            scope.Report("measuring uniform w8a16", (compared.Length + 1.0) / (compared.Length + 2));
            var baseline = Measured(Baseline(pricing, Bitwidth.Eight, wide) with
            {
                Name = "uniform w8a16", Activations = Bitwidth.Sixteen, WideShare = WideTensors.Share(model.Items, wide),
            }, wide);
            baselines.Add(baseline);
            if (Agreement.BelowWide(inputs, delivered, baseline) is { } below) scope.Warn(below);
        }
        var steps = brief ? [] : StepRecord.Of(measured.Steps, outcome.Policy, quantized, set, time, took, left, message => scope.Report(message), scope.Cancellation);
        ImmutableArray<ParetoFacts> front = huge ? [] : FrontReport.Of(inputs.Task, outcome, evaluator, set.Count, time, left, scope);
        var agreement = huge ? null : Agreement.Of(inputs, measured, final, scope);
        scope.Report("timing float and quantized model", (compared.Length + 1.0) / (compared.Length + 2));
        var (difference, times) = new ModelComparison(inputs.Source.Value, exported, set.Output, measured.Reported.Value, huge, elsewhere, outputs)
            .Run(time.Part(TimingShare, s_timing), scope.Cancellation);
        var facts = ReportFacts.Of(inputs);
        return facts with
        {
            EvaluatedOn = $"{set.Count} samples of {measured.Reported.Value.Name} that no choice was made on",
            Float = AccuracyFacts.Of(set.Float),
            Quantized = untrained,
            AccuracyStandardError = Error(set.FloatSamples.AsSpan()),
            Finetuned = tuned is null ? null : delivered,
            Finetune = tuned is null ? null : TrainingFacts(inputs.Manifest.Finetune!, measured.Training.Value, tuned),
            Steps = [.. steps.Select(Facts)],
            Layers = diagnosis is null ? facts.Layers : LayerDamage.Add(facts.Layers, diagnosis),
            Baselines = baselines.ToImmutable(),
            Pareto = front,
            NotMeasured = huge ? TooLarge : raced ? Raced : left.Text,
            OutputDifference = difference,
            Agreement = agreement,
            Mending = outcome.Mending,
            Timings = new TimingFacts { RunTime = times },
        };

        // What is delivered has been measured.
        bool IsDelivered(Policy policy) => tuned is null && policy.Equals(outcome.Policy);

        BaselineFacts Measured(BaselineFacts baseline, Policy policy)
        {
            if (IsDelivered(policy)) return baseline with { Quantized = delivered, StandardError = Error(samples) };
            var clock = Stopwatch.StartNew();
            var own = measuring.Samples(quantizer.Quantize(policy), scope.Cancellation);
            took = clock.Elapsed;
            var summary = set.Summarize(own);
            return baseline with
            {
                Quantized = AccuracyFacts.Of(summary),
                StandardError = Error(own),
            };
        }

        // Of the difference from the delivered network.
        double? Error(ReadOnlySpan<SampleScore> other) =>
            (inputs.Manifest.Metric.Kind ?? Quality.Top1).Read(score) is { } read ? Metrics.DifferenceError(samples, other, read.PerSample()) : null;
    }

    // Those that papers quote, and the widest that keeps the budget.
    private static int[] Compared(Pricing pricing)
    {
        return [.. s_baselines.Append(Widest(pricing)).Where(bits => bits > 0).Distinct().OrderDescending()];
    }

    private static int Widest(Pricing pricing) =>
        Enumerable.Range(Bitwidth.Min, Bitwidth.Eight).Reverse().FirstOrDefault(bits => pricing.Uniform(bits) is { } policy && pricing.Budget.Admits(pricing.Costs.PriceWhole(policy)));

    private static ReportModel Quote(ReportInputs inputs, LockFile locked)
    {
        var pricing = inputs.Task.Pricing.Value;
        return ReportFacts.Of(inputs) with
        {
            EvaluatedOn = "data that was not here for this build; the figures are the lock file's",
            Float = Facts(locked.Measured.Float),
            Quantized = Facts(locked.Measured.Quantized),
            Finetuned = Facts(locked.Measured.Finetuned),
            Agreement = locked.Agreement,
            Mending = locked.Mending,
            Baselines = [.. Compared(pricing).Select(bits => (bits, policy: pricing.Uniform(bits))).Where(b => b.policy is not null).Select(b => Baseline(pricing, b.bits, b.policy!))],
        };
    }

    private static SampleScore[] Samples(EvaluationSet set, OnnxModel exported, SessionSettings settings, CancellationToken cancellation)
    {
        using var session = new OrtSession(exported, settings);
        return set.Run(session, cancellation);
    }

    private static StepFacts Facts(QuantizationStep step) => new()
    {
        Name = step.Name,
        Detail = step.Detail,
        LossBefore = step.Before?.Loss,
        LossAfter = step.After?.Loss,
        Top1Before = step.Before?.Top1,
        Top1After = step.After?.Top1,
        StandardError = step.Gain?.StandardError,
    };

    private static FineTuneFacts TrainingFacts(FinetuneSettings settings, IDataset training, FineTuneResult tuned)
    {
        return new FineTuneFacts
        {
            Optimizer = settings.Optimizer.ToString().ToLowerInvariant(),
            Loss = settings.Loss switch { LossKind.CrossEntropy => "cross-entropy", LossKind.Mse => "mse", _ => "distillation" },
            Quantizer = settings.Quantizer.ToString().ToLowerInvariant(),
            BatchNorm = settings.BatchNorm.ToString().ToLowerInvariant(),
            Schedule = settings.Schedule.ToString().ToLowerInvariant(),
            Data = training.Name,
            Samples = training.Count,
            KeptEpoch = tuned.BestEpoch,
            Start = Facts(tuned.Start),
            Epochs = [.. tuned.Epochs.Select(e => new EpochFacts { Epoch = e.Epoch, TrainingLoss = e.Loss, Validation = Facts(e.Validation), LearningRate = e.LearningRate, Retries = e.Retries })],
        };
    }

    private static AccuracyFacts Facts(ValidationScore score) => new() { Top1 = score.Top1, Top5 = score.Top5, Agreement = score.Agreement, Loss = score.Loss, Samples = score.Samples };

    private static BaselineFacts Baseline(Pricing pricing, int bits, Policy policy) => new()
    {
        Name = string.Create(CultureInfo.InvariantCulture, $"uniform {bits} bit"),
        Bits = bits,
        Cost = CostFacts.Of(pricing.Costs.PriceWhole(policy), pricing.Costs.Batch),
    };

    private static AccuracyFacts? Facts(LockedScore? score) =>
        score is null ? null : new AccuracyFacts { Top1 = score.Top1, Top5 = score.Top5, Agreement = score.Agreement, Loss = score.Loss, Samples = score.Samples };
}
