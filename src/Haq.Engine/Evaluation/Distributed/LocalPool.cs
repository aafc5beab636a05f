using System.Collections.Concurrent;
using System.Globalization;
using Haq.Engine.Evaluation.Compiled;
using Haq.Engine.Layers;
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
    private const int MostWarm = 8;

    private readonly ConcurrentDictionary<string, Bench> _benches = new(StringComparer.Ordinal);
    private readonly BlockingCollection<Action> _work = [];
    private readonly Thread[] _threads;

    /// <summary>Scores on <paramref name="set"/>, which stays the caller's and is used by nobody else meanwhile.</summary>
    /// <param name="subject">The digest of what is scored on; work about something else is refused.</param>
    /// <param name="quantizer">Gives policies their numbers.</param>
    /// <param name="set">The samples.</param>
    /// <param name="threads">How many pieces at a time.</param>
    public LocalPool(string subject, PostTrainingQuantizer quantizer, EvaluationSet set, int threads)
        : this(subject, set, threads, policy => set.OpenToCompare(quantizer, policy, reuse: true), WeightBytes(quantizer)) { }

    /// <summary>Scores what <paramref name="open"/> makes ready of policies.</summary>
    /// <param name="subject">The digest of what is scored on; work about something else is refused.</param>
    /// <param name="set">The samples.</param>
    /// <param name="threads">How many pieces at a time.</param>
    /// <param name="open">Makes a policy's network ready; for several callers.</param>
    /// <param name="weights">Bytes of a network's weights.</param>
    internal LocalPool(string subject, EvaluationSet set, int threads, Func<Policy, INetwork> open, long weights)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(threads);
        Add(subject, set, open, weights);
        _threads = [.. Enumerable.Range(0, threads).Select(i => new Thread(Work) { IsBackground = true, Name = string.Create(CultureInfo.InvariantCulture, $"haq scoring {i}") })];
        foreach (var thread in _threads) thread.Start();
    }

    /// <summary>Scores on another set too, by the same threads.</summary>
    /// <inheritdoc cref="LocalPool(string, PostTrainingQuantizer, EvaluationSet, int)"/>
    public void Add(string subject, PostTrainingQuantizer quantizer, EvaluationSet set)
    {
        ArgumentNullException.ThrowIfNull(quantizer);
        ArgumentNullException.ThrowIfNull(set);
        Add(subject, set, policy => set.OpenToCompare(quantizer, policy, reuse: true), WeightBytes(quantizer));
    }

    /// <summary>Bytes of a network's weights.</summary>
    internal static long WeightBytes(PostTrainingQuantizer quantizer) => quantizer.Model.Layers.Sum(l => l.Layer.Shape.Weights) * sizeof(float);

    private void Add(string subject, EvaluationSet set, Func<Policy, INetwork> open, long weights)
    {
        var networks = new WarmNetworks(open, set.BatchCount, weights <= SmallNetwork ? MostWarm : 0);
        if (!_benches.TryAdd(subject, new Bench(set, networks))) throw new ArgumentException($"{subject} is there already", nameof(subject));
    }

    /// <inheritdoc/>
    public int Capacity => _threads.Length;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The work is about another subject, or batches that the set does not have.</exception>
    public Task<SampleScore[]> ScoreAsync(ScoringWork work, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(work);
        if (!_benches.TryGetValue(work.Subject, out var bench)) throw new ArgumentException($"the work is about {work.Subject}, which this pool does not score", nameof(work));
        foreach (int batch in work.Batches)
            if (batch < 0 || batch >= bench.Set.BatchCount) throw new ArgumentException($"there is no batch {batch} among {bench.Set.BatchCount}", nameof(work));
        var done = new TaskCompletionSource<SampleScore[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        _work.Add(() => Score(bench, work, done, cancellation), cancellation);
        return done.Task;
    }

    /// <summary>Ends the threads after what they are at.</summary>
    public ValueTask DisposeAsync()
    {
        if (_work.IsAddingCompleted) return ValueTask.CompletedTask;
        _work.CompleteAdding();
        foreach (var thread in _threads) thread.Join();
        _work.Dispose();
        foreach (var bench in _benches.Values) bench.Networks.Dispose();
        return ValueTask.CompletedTask;
    }

    private void Work()
    {
        foreach (var work in _work.GetConsumingEnumerable()) work();
    }

    private static void Score(Bench bench, ScoringWork work, TaskCompletionSource<SampleScore[]> done, CancellationToken cancellation)
    {
        try
        {
            cancellation.ThrowIfCancellationRequested();
            done.SetResult(bench.Networks.Use(work.Policy, work.Batches.Length, network => bench.Set.Run(network, work.Batches, cancellation)));
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

    private sealed record Bench(EvaluationSet Set, WarmNetworks Networks);
}
