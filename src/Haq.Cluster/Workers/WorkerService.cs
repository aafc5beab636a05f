using System.Collections.Concurrent;
using System.Collections.Immutable;
using Haq.Cluster.Protocol;
using Haq.Engine.Diagnostics;
using Haq.Engine.Evaluation.Distributed;
using Haq.Engine.Pipeline.Parcels;
using Haq.Engine.Pipeline.Remote;

namespace Haq.Cluster.Workers;

/// <summary>What a worker does, whoever asks and however: it keeps subjects, scores policies on them with its threads, and keeps answers until they are received. For several callers.</summary>
internal sealed class WorkerService : IAsyncDisposable
{
    private readonly WorkerOptions _options;
    private readonly IProgress<string> _log;
    private readonly TimeProvider _time;
    private readonly PartFetcher? _fetcher;
    private readonly SubjectShelf _shelf;
    private readonly SemaphoreSlim _threads;
    private readonly ConcurrentDictionary<Guid, ClientDesk> _desks = [];
    private readonly ConcurrentDictionary<string, bool> _refused = new(StringComparer.Ordinal);
    private readonly ITimer _forgetting;
    private readonly long _began;
    private readonly CancellationTokenSource _leaving = new();

    public WorkerService(WorkerOptions options, RemoteSettings? cache, IProgress<string> log, TimeProvider? time = null)
    {
        (_options, _log, _time, _threads) = (options, log, time ?? TimeProvider.System, new SemaphoreSlim(options.Threads));
        (Meter, _began) = (new WorkerMeter(options.Threads, _time), _time.GetTimestamp());
        _fetcher = cache is null ? null : new PartFetcher(cache, Meter, log, _time);
        _shelf = new SubjectShelf(new PartStore(options.Folder, options.Limit), _fetcher, Meter, options, log);
        _forgetting = _time.CreateTimer(_ => Forget(), null, _options.Forget, _options.Forget / 2);
    }

    /// <summary>What it did.</summary>
    public WorkerMeter Meter { get; }

    /// <summary>How many subjects it has open.</summary>
    public int Subjects => _shelf.Count;

    /// <summary>How many clients it has work for.</summary>
    public int Clients => _desks.Values.Count(d => !d.IsEmpty);

    /// <summary>What it is called.</summary>
    public string Name { get; init; } = "worker";

    public Greeting Greet(WorkerIdentity client)
    {
        string? refusal = WorkerIdentity.Disagreement(_options.Identity, client);
        if (refusal is not null && _refused.TryAdd(refusal, true)) _log.Report($"a client was refused: {refusal}");
        return new Greeting(_options.Identity, Name, _options.Threads, refusal);
    }

    public WorkerFigures Tell() => new()
    {
        Worker = _options.Identity,
        Name = Name,
        Threads = _options.Threads,
        Queued = Meter.Queued,
        Running = Meter.Running,
        Pieces = Meter.Done,
        Batches = Meter.Scored,
        Busy = Meter.Busy,
        UpSeconds = _time.GetElapsedTime(_began).TotalSeconds,
        Subjects = Subjects,
        Clients = Clients,
        Memory = Environment.WorkingSet,
        IsLeaving = _leaving.IsCancellationRequested,
    };

    public async Task<SubjectState> OfferAsync(Guid client, byte[] description)
    {
        Desk(client);
        try
        {
            return await _shelf.OfferAsync(description).ConfigureAwait(false);
        }
        catch (InvalidDataException e)
        {
            return new SubjectState(SubjectPhase.Unfit, [], null, e.Message);
        }
    }

    public Task<SubjectState?> AskAsync(Guid client, string digest)
    {
        Desk(client);
        return _shelf.AskAsync(digest);
    }

    public PartState Give(Guid client, SubjectPart part, long offset, byte[] bytes)
    {
        Desk(client);
        try
        {
            return new PartState(_shelf.Append(part, offset, bytes), null);
        }
        catch (HaqException e)
        {
            _log.Report(e.Diagnostic.ToString());
            return new PartState(0, e.Diagnostic.Message);
        }
        catch (InvalidDataException e)
        {
            _log.Report($"a part was refused: {e.Message}");
            return new PartState(0, e.Message);
        }
    }

    /// <returns>False where it takes no more work.</returns>
    public bool Submit(Guid client, WorkOrder order)
    {
        if (_leaving.IsCancellationRequested) return false;
        var desk = Desk(client);
        if (desk.Take(order.Id) is { } cancellation)
        {
            Meter.Queue();
            _ = Task.Run(() => DoAsync(desk, order, cancellation), CancellationToken.None);
        }
        return true;
    }

    public void Withdraw(Guid client, Guid order) => Desk(client).Withdraw(order);

    public async Task<Collection> CollectAsync(Guid client, ImmutableArray<Guid> received, TimeSpan patience)
    {
        var (answers, held) = await Desk(client).CollectAsync(received, patience).ConfigureAwait(false);
        return new Collection(answers, held, _leaving.IsCancellationRequested);
    }

    /// <summary>Takes no more work, hands back what waits, and ends when the rest is done and received, or took too long.</summary>
    public async Task LeaveAsync(CancellationToken cancellation)
    {
        await _leaving.CancelAsync().ConfigureAwait(false);
        long began = _time.GetTimestamp();
        while (_time.GetElapsedTime(began) < _options.Farewell && !cancellation.IsCancellationRequested && _desks.Values.Any(d => !d.IsEmpty))
            await Task.Delay(TimeSpan.FromMilliseconds(50), CancellationToken.None).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await _forgetting.DisposeAsync().ConfigureAwait(false);
        foreach (var desk in _desks.Values) desk.Dispose();
        await _shelf.DisposeAsync().ConfigureAwait(false);
        _fetcher?.Dispose();
        Meter.Dispose();
        _leaving.Dispose();
    }

    private ClientDesk Desk(Guid client)
    {
        var desk = _desks.GetOrAdd(client, _ => new ClientDesk());
        desk.LastSeen = _time.GetTimestamp();
        return desk;
    }

    private async Task DoAsync(ClientDesk desk, WorkOrder order, CancellationToken cancellation)
    {
        WorkAnswer? answer = null;
        try
        {
            answer = await ScoreAsync(order, cancellation).ConfigureAwait(false);
        }
        finally
        {
            desk.Finish(order.Id, answer);
        }
    }

    // Null where nobody needs it any more.
    private async Task<WorkAnswer?> ScoreAsync(WorkOrder order, CancellationToken cancellation)
    {
        bool isRunning = false;
        long began = 0;
        string outcome = "withdrawn";
        try
        {
            using (var wait = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _leaving.Token)) await _threads.WaitAsync(wait.Token).ConfigureAwait(false);
            (isRunning, began, outcome) = (true, Meter.Begin(), "handed back");
            var policy = ScoreCodec.ReadPolicy(order.Policy);
            if (_shelf.Enter(order.Subject) is not { } pool) return Answer(order, WorkOutcome.HandedBack, "the worker no longer has the subject open");
            try
            {
                var scores = await pool.ScoreAsync(new ScoringWork(order.Subject, policy, order.Batches), cancellation).ConfigureAwait(false);
                outcome = "done";
                return Answer(order, WorkOutcome.Done) with { Policy = policy.Digest, Scores = ScoreCodec.Write(scores) };
            }
            finally
            {
                _shelf.Leave(order.Subject);
            }
        }
        catch (OperationCanceledException)
        {
            return cancellation.IsCancellationRequested ? null : Answer(order, WorkOutcome.HandedBack, "the worker ends");
        }
        catch (HaqException e)
        {
            outcome = "failed";
            return Answer(order, e.Diagnostic.Descriptor.Exit == ExitCode.Machine ? WorkOutcome.HandedBack : WorkOutcome.Failed, e.Diagnostic.Message) with { Code = e.Diagnostic.Descriptor.Code };
        }
        catch (Exception e)
        {
            // Whatever it is, it must not keep somebody waiting for an answer.
            outcome = "failed";
            _log.Report($"a piece of work failed: {e.GetType().Name}: {e.Message}");
            return Answer(order, WorkOutcome.HandedBack, $"{e.GetType().Name}: {e.Message}");
        }
        finally
        {
            if (isRunning)
            {
                Meter.End(began, order.Batches.Length, outcome);
                _threads.Release();
            }
            else
            {
                Meter.Leave();
            }
        }
    }

    private static WorkAnswer Answer(WorkOrder order, WorkOutcome outcome, string? message = null) => new(order.Id, order.Subject, "", order.Batches, outcome, [], null, message);

    private void Forget()
    {
        foreach (var (client, desk) in _desks)
        {
            if (_time.GetElapsedTime(desk.LastSeen) < _options.Forget) continue;
            if (!_desks.TryRemove(client, out _)) continue;
            if (!desk.IsEmpty) _log.Report("a client is gone: its work is dropped");
            desk.Dispose();
        }
    }
}
