using System.Diagnostics;
using System.Globalization;
using Haq.Engine.Data;
using Haq.Engine.Diagnostics;
using Haq.Engine.Numerics;
using Haq.Engine.Quantization;

namespace Haq.Engine.Training;

/// <summary>
/// Trains a quantized network further: weights, biases and scales, with the quantizers in the loop. Keeps the best epoch by the caller's score, goes back and
/// slows down when the loss is no longer a number, writes a checkpoint after every epoch. The same input, seed and threads give the same bits, with or
/// without an interruption.
/// </summary>
public sealed class FineTuner
{
    // A loss that grew this many times is no longer learning, even if it is still a number.
    private const double Explosion = 1e3;

    private readonly QuantizedModel _start;
    private readonly IDataset _training;
    private readonly FineTuneOptions _options;
    private readonly Func<QuantizedModel, CancellationToken, ValidationScore> _score;
    private readonly IProgress<FineTuneProgress>? _progress;
    private readonly TrainingGraph _graph;
    private readonly BatchStatistics? _statistics;
    private readonly List<Diagnostic> _warnings = [];
    private readonly List<FineTuneEpoch> _epochs = [];
    private readonly long _steps;
    private double _reduction = 1, _firstLoss = -1;
    private int _retries, _retriesBefore, _bestEpoch;
    private ValidationScore _startScore = null!, _bestScore = null!;
    private float[][]? _best;

    private FineTuner(
        QuantizedModel start, IDataset training, FineTuneOptions options, Func<QuantizedModel, CancellationToken, ValidationScore> score, IProgress<FineTuneProgress>? progress)
    {
        (_start, _training, _options, _score, _progress) = (start, training, options, score, progress);
        if (options.Loss == LossKind.CrossEntropy && !training.HasLabels)
        {
            throw DiagnosticCatalog.LabelsMissing.Error(training.Name,
                "the loss 'cross-entropy' needs labels, and this training set has none. Give 'labels:' beside its path, or use 'loss: distillation'.");
        }
        _graph = TrainingGraph.Build(start, options);
        _statistics = options.ReestimateStatistics ? new BatchStatistics(start, training, options) : null;
        _steps = training.Count / _graph.Batch;
        if (_steps == 0)
        {
            throw DiagnosticCatalog.TrainingSetTooSmall.Error(training.Name, string.Create(CultureInfo.InvariantCulture,
                $"the training set has {training.Count} samples, a batch takes {_graph.Batch}. Give more samples or set 'batch: {training.Count}'."));
        }
    }

    /// <summary>Fine-tunes.</summary>
    /// <param name="start">The calibrated network; its float model is the teacher and where the weights start.</param>
    /// <param name="training">Samples to train on; labels are needed for <see cref="LossKind.CrossEntropy"/> only.</param>
    /// <param name="options">How.</param>
    /// <param name="score">Measures a network on the search set; higher is better.</param>
    /// <param name="progress">Told after every step.</param>
    /// <param name="cancellation">Ends the training between two operators; the last checkpoint stays.</param>
    /// <exception cref="HaqException">Bad data or options (HAQ0704 to HAQ0706), or a model that cannot be trained (HAQ0701 to HAQ0703).</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static FineTuneResult Run(
        QuantizedModel start, IDataset training, FineTuneOptions options, Func<QuantizedModel, CancellationToken, ValidationScore> score,
        IProgress<FineTuneProgress>? progress = null, CancellationToken cancellation = default) =>
        new FineTuner(start, training, options, score, progress).Run(cancellation);

    private FineTuneResult Run(CancellationToken cancellation)
    {
        WarnOfObstacles();
        using var run = new TrainingRun(_graph, _options, _start.Model.Name);
        foreach (var quantizer in _graph.Quantizers) run.Set(quantizer.Settings, quantizer.SettingsFor(_start).AsSpan());
        using var teacher = _options.Loss == LossKind.CrossEntropy ? null : new Teacher(_graph, run, _options);
        string key = _options.CheckpointFolder is null ? "" : FineTuneCheckpoint.KeyOf(_start, _training, _options, _graph.Batch);
        if (!Resume(run, key))
        {
            _startScore = _bestScore = _score(_start, cancellation);
        }
        var clock = Stopwatch.StartNew();
        int done = _epochs.Count;
        while (_epochs.Count < _options.Epochs)
        {
            int epoch = _epochs.Count + 1;
            float[][] before = run.Save();
            var feed = new TrainingFeed(_training, _graph, run, teacher, _options);
            if (RunEpoch(run, feed, epoch, done, clock, cancellation) is not { } loss)
            {
                run.Restore(before);
                _reduction /= 2;
                if (++_retries > _options.Retries) break;
                continue;
            }
            var score = _score(Tuned(run.Values, cancellation), cancellation);
            _epochs.Add(new FineTuneEpoch(epoch, loss, score, Schedules.HighestIn(_options, epoch, _steps, _reduction), _retries - _retriesBefore));
            _retriesBefore = _retries;
            if (score.Value > _bestScore.Value) (_bestScore, _bestEpoch, _best) = (score, epoch, [.. _graph.Parameters.Select(p => run.Values(p.Name).ToArray())]);
            if (_options.CheckpointFolder is { } folder) Checkpoint(run).Save(folder, key);
        }
        WarnOfRetries();
        if (_best is null)
        {
            _warnings.Add(DiagnosticCatalog.FineTuneKeptNothing.At(null, string.Create(CultureInfo.InvariantCulture,
                $"no epoch beat the start ({_startScore.Value:0.##}): the weights stay as they were.")));
        }
        return new FineTuneResult(_best is null ? _start : Tuned(BestValues, cancellation), _startScore, _bestScore, _bestEpoch, [.. _epochs], [.. _warnings]);
    }

    // The mean loss, or null when the loss exploded or a gradient was no longer a number.
    private double? RunEpoch(TrainingRun run, TrainingFeed feed, int epoch, int done, Stopwatch clock, CancellationToken cancellation)
    {
        double total = 0;
        int step = 0;
        long first = (epoch - 1) * _steps, all = _options.Epochs * _steps, begun = done * _steps;
        foreach (int _ in feed.Batches(new SeededRandom(_options.Seed).Fork(string.Create(CultureInfo.InvariantCulture, $"epoch {epoch}")), cancellation))
        {
            run.Set(OptimizerNodes.Settings, Schedules.Settings(_options, first + step, _steps, _reduction));
            var (loss, norm) = run.Step(cancellation);
            if (_firstLoss < 0) _firstLoss = loss;
            if (!double.IsFinite(loss) || !double.IsFinite(norm) || loss > Explosion * Math.Max(1, _firstLoss)) return null;
            total += loss;
            step++;
            if (_progress is null) continue;
            double perStep = clock.Elapsed.TotalSeconds / (first + step - begun);
            _progress.Report(new FineTuneProgress(
                epoch, _options.Epochs, step, (int)_steps, total / step, _bestScore.Value, TimeSpan.FromSeconds(perStep * (all - first - step))));
        }
        return total / step;
    }

    private void WarnOfRetries()
    {
        foreach (var epoch in _epochs.Where(e => e.Retries > 0)) Retried(epoch.Epoch, epoch.Retries, epoch.LearningRate);
        if (_retries <= _options.Retries) return;
        if (_options.Retries > _retriesBefore) Retried(_epochs.Count + 1, _options.Retries - _retriesBefore, 2 * _reduction * _options.LearningRate);
        _warnings.Add(DiagnosticCatalog.TrainingStopped.At(null, string.Create(CultureInfo.InvariantCulture,
            $"training diverged again at a learning rate of {2 * _reduction * _options.LearningRate:g3} and was stopped after epoch {_epochs.Count}.")));

        void Retried(int epoch, int times, double rate) => _warnings.Add(DiagnosticCatalog.TrainingRetried.At(null, string.Create(CultureInfo.InvariantCulture,
            $"training diverged in epoch {epoch}{(times == 1 ? "" : $", {times} times")}; it went back to the last good state and on at a learning rate of {rate:g3}.")));
    }

    private bool Resume(TrainingRun run, string key)
    {
        if (_options.CheckpointFolder is not { } folder) return false;
        var saved = FineTuneCheckpoint.Load(folder, key, out bool foreign);
        if (foreign)
            _warnings.Add(DiagnosticCatalog.CheckpointIgnored.At(null, $"the checkpoint in '{folder}' belongs to another run or is damaged; starting over."));
        if (saved is null) return false;
        run.Restore(saved.State);
        (_best, _bestEpoch, _bestScore, _startScore) = (saved.Best, saved.BestEpoch, saved.BestScore, saved.StartScore);
        (_reduction, _retries, _retriesBefore, _firstLoss) = (saved.Reduction, saved.Retries, saved.Retries, saved.FirstLoss);
        _epochs.AddRange(saved.Epochs);
        return true;
    }

    private FineTuneCheckpoint Checkpoint(TrainingRun run) => new()
    {
        State = run.Save(),
        Best = _best,
        BestEpoch = _bestEpoch,
        StartScore = _startScore,
        BestScore = _bestScore,
        Reduction = _reduction,
        Retries = _retries,
        FirstLoss = _firstLoss,
        Epochs = _epochs,
    };

    private void WarnOfObstacles()
    {
        if (_graph.Obstacles is not [var first, ..]) return;
        _warnings.Add(DiagnosticCatalog.PartlyTrained.At(new SourceLocation(_start.Model.Name), string.Create(CultureInfo.InvariantCulture,
            $"{_graph.Obstacles.Length} of {_start.Layers.Length} layers are not trained, the first has the weight '{first.Value}': '{first.Node}' ({first.Op}) is in between: {first.Reason}.")));
    }

    private delegate Span<float> ReadValues(string name);

    private QuantizedModel Tuned(ReadValues values, CancellationToken cancellation)
    {
        var tuned = TunedLayers.Of(_start, _graph, name => values(name).ToArray());
        return _statistics?.Apply(tuned, cancellation) ?? tuned;
    }

    private Span<float> BestValues(string name)
    {
        for (int i = 0; i < _graph.Parameters.Length; i++)
            if (_graph.Parameters[i].Name == name) return _best![i];
        return _graph.FixedScales.Single(p => p.Name == name).Initial;
    }
}
