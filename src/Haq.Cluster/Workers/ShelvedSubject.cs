using System.Collections.Immutable;
using Haq.Cluster.Protocol;
using Haq.Engine.Diagnostics;
using Haq.Engine.Evaluation.Distributed;
using Haq.Engine.Pipeline.Parcels;
using Haq.Engine.Pipeline.Subjects;

namespace Haq.Cluster.Workers;

/// <summary>One subject on a worker, from its description to a pool that scores on it.</summary>
internal sealed class ShelvedSubject
{
    // Of many that are missing the rest is named when these are there.
    private const int MostNamed = 1000;

    private readonly PartStore _store;
    private readonly PartFetcher? _fetcher;
    private readonly int _threads;
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _end = new();
    private OpenedSubject? _opened;
    private Task _advance = Task.CompletedTask;
    private SubjectState _state = SubjectState.Of(SubjectPhase.Opening);

    /// <exception cref="InvalidDataException">It is no description.</exception>
    public ShelvedSubject(byte[] description, PartStore store, PartFetcher? fetcher, int threads)
    {
        (Description, _store, _fetcher, _threads) = (description, store, fetcher, threads);
        Digest = SubjectParcel.DigestOf(description);
        Parts = [.. SubjectDescription.Read(description).Parts];
        _store.Hold(Parts);
    }

    public string Digest { get; }

    public byte[] Description { get; }

    /// <summary>All that it consists of.</summary>
    public ImmutableArray<SubjectPart> Parts { get; }

    /// <summary>What scores on it; null until it is open.</summary>
    public LocalPool? Pool { get; private set; }

    /// <summary>When it was last asked for, as a count of requests.</summary>
    public long LastUse { get; set; }

    /// <summary>Pieces of work that need it.</summary>
    public int Users { get; set; }

    /// <summary>How far it is now. What can go on without the client goes on, and is waited for a moment.</summary>
    public async Task<SubjectState> AdvanceAsync(TimeSpan patience)
    {
        Task advance;
        lock (_lock)
        {
            if (_advance.IsCompleted && _state.Phase is not SubjectPhase.Ready and not SubjectPhase.Wrong)
            {
                _state = SubjectState.Of(SubjectPhase.Opening);
                _advance = Task.Run(OpenAsync);
            }
            advance = _advance;
        }
        await Task.WhenAny(advance, Task.Delay(patience)).ConfigureAwait(false);
        lock (_lock) return _state;
    }

    /// <summary>Lets go of all that it holds.</summary>
    public async Task CloseAsync()
    {
        await _end.CancelAsync().ConfigureAwait(false);
        await _advance.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (Pool is { } pool) await pool.DisposeAsync().ConfigureAwait(false);
        _opened?.Dispose();
        _store.Release(Parts);
        _end.Dispose();
    }

    private async Task OpenAsync()
    {
        var next = await TryOpenAsync().ConfigureAwait(false);
        lock (_lock) _state = next;
    }

    private async Task<SubjectState> TryOpenAsync()
    {
        try
        {
            var missing = ImmutableArray.CreateBuilder<string>();
            foreach (var part in Parts)
                if (!_store.Has(part) && (_fetcher is null || !await _fetcher.TryFetchAsync(part, _store, _end.Token).ConfigureAwait(false))) missing.Add(part.Digest);
            if (missing.Count > 0) return new SubjectState(SubjectPhase.Missing, [.. missing.Take(MostNamed)], null, null);
            _opened = OpenedSubject.Open(Description, _store.PathOf, _threads, _end.Token);
            Pool = _opened.OpenPool(Digest, _threads);
            return SubjectState.Of(SubjectPhase.Ready);
        }
        catch (OperationCanceledException)
        {
            return new SubjectState(SubjectPhase.Unfit, [], null, "the worker ends");
        }
        catch (HaqException e)
        {
            bool isHere = e.Diagnostic.Descriptor.Exit == ExitCode.Machine;
            return new SubjectState(isHere ? SubjectPhase.Unfit : SubjectPhase.Wrong, [], e.Diagnostic.Descriptor.Code, e.Diagnostic.Message);
        }
        catch (Exception e)
        {
            // Whatever it is: the worker goes on, and the work is done elsewhere.
            return new SubjectState(SubjectPhase.Unfit, [], null, e is IOException or InvalidDataException ? e.Message : $"{e.GetType().Name}: {e.Message}");
        }
    }
}
