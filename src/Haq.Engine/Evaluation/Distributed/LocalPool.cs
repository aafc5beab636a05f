using System.Collections.Concurrent;
using System.Globalization;
using Haq.Engine.Quantization;

namespace Haq.Engine.Evaluation.Distributed;

/// <summary>
/// Scores on threads of this process, a piece of work on each. They share the float model, the samples and what first layers made; every network is made ready once, however many
/// pieces its batches come in.
/// </summary>
public sealed class LocalPool : IScoringPool
{
    // Beside those in use. Each holds a session with the weights of a network.
    private const long SmallNetwork = 32 << 20;

    private readonly string _subject;
    private readonly EvaluationSet _set;
    private readonly WarmNetworks _networks;
    private readonly BlockingCollection<Action> _work = [];
    private readonly Thread[] _threads;

    /// <summary>Scores on <paramref name="set"/>, which stays the caller's and is used by nobody else meanwhile.</summary>
    /// <param name="subject">The digest of what is scored on; work about something else is refused.</param>
    /// <param name="quantizer">Gives policies their numbers.</param>
    /// <param name="set">The samples.</param>
    /// <param name="threads">How many pieces at a time.</param>
    public LocalPool(string subject, PostTrainingQuantizer quantizer, EvaluationSet set, int threads)
    {
        ArgumentNullException.ThrowIfNull(quantizer);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(threads);
        (_subject, _set) = (subject, set);
        long weights = quantizer.Model.Layers.Sum(l => l.Layer.Shape.Weights) * sizeof(float);
        _networks = new WarmNetworks(policy => set.Open(quantizer.Quantize(policy), reuse: true), set.BatchCount, weights <= SmallNetwork ? 2 * threads : 0);
        _threads = [.. Enumerable.Range(0, threads).Select(i => new Thread(Work) { IsBackground = true, Name = string.Create(CultureInfo.InvariantCulture, $"haq scoring {i}") })];
        foreach (var thread in _threads) thread.Start();
    }

    /// <inheritdoc/>
    public int Capacity => _threads.Length;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The work is about another subject, or batches that the set does not have.</exception>
    public Task<SampleScore[]> ScoreAsync(ScoringWork work, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(work);
        if (work.Subject != _subject) throw new ArgumentException($"the work is about {work.Subject}, this pool scores {_subject}", nameof(work));
        foreach (int batch in work.Batches)
            if (batch < 0 || batch >= _set.BatchCount) throw new ArgumentException($"there is no batch {batch} among {_set.BatchCount}", nameof(work));
        var done = new TaskCompletionSource<SampleScore[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        _work.Add(() => Score(work, done, cancellation), cancellation);
        return done.Task;
    }

    /// <summary>Ends the threads after what they are at.</summary>
    public ValueTask DisposeAsync()
    {
        if (_work.IsAddingCompleted) return ValueTask.CompletedTask;
        _work.CompleteAdding();
        foreach (var thread in _threads) thread.Join();
        _work.Dispose();
        _networks.Dispose();
        return ValueTask.CompletedTask;
    }

    private void Work()
    {
        foreach (var work in _work.GetConsumingEnumerable()) work();
    }

    private void Score(ScoringWork work, TaskCompletionSource<SampleScore[]> done, CancellationToken cancellation)
    {
        try
        {
            cancellation.ThrowIfCancellationRequested();
            done.SetResult(_networks.Use(work.Policy, work.Batches.Length, network => _set.Run(network, work.Batches, cancellation)));
        }
        catch (OperationCanceledException)
        {
            done.SetCanceled(cancellation);
        }
        catch (Exception e)
        {
            done.SetException(e);
        }
    }
}
