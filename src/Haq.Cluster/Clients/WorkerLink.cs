using System.Collections.Immutable;
using Haq.Cluster.Protocol;
using Haq.Cluster.Settings;
using Haq.Engine.Diagnostics;
using Haq.Engine.Evaluation;
using Haq.Engine.Evaluation.Distributed;
using Haq.Engine.Pipeline.Parcels;

namespace Haq.Cluster.Clients;

/// <summary>
/// One worker, as long as the cluster names it: connects, and connects again, hands over subjects and work, and collects answers. A worker that is silent for longer than the patience has
/// lost what it was given. For several callers.
/// </summary>
internal sealed class WorkerLink : IAsyncDisposable
{
    private static readonly TimeSpan s_soon = TimeSpan.FromMilliseconds(500), s_later = TimeSpan.FromSeconds(10), s_unfit = TimeSpan.FromSeconds(30), s_longestWait = TimeSpan.FromSeconds(2);

    private const int MostFailures = 3;

    // A worker that answers and gets no further with a subject is left aside after so many patiences.
    private const int MostStandstill = 40;

    private readonly ClusterSettings _settings;
    private readonly Uri _gateway;
    private readonly Guid _client;
    private readonly PartUploads? _uploads;
    private readonly Action<Diagnostic> _warn;
    private readonly Action _changed;
    private readonly Func<IWorkerGrain, IWorkerGrain> _through;
    private readonly CancellationTokenSource _end = new();
    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, PendingOrder> _orders = [];
    private readonly List<Guid> _received = [];
    private readonly Dictionary<string, Delivery> _deliveries = new(StringComparer.Ordinal);
    private readonly Task _run;
    private IWorkerGrain? _worker;
    private bool _isLeaving, _isSilent;

    /// <param name="settings">The cluster.</param>
    /// <param name="gateway">Where the worker listens.</param>
    /// <param name="client">Who this is.</param>
    /// <param name="uploads">The shared cache; null where there is none.</param>
    /// <param name="warn">Told what is wrong with the worker.</param>
    /// <param name="changed">Told when it came or went.</param>
    /// <param name="through">What all calls of the worker go through.</param>
    public WorkerLink(
        ClusterSettings settings, Uri gateway, Guid client, PartUploads? uploads, Action<Diagnostic> warn, Action changed, Func<IWorkerGrain, IWorkerGrain> through)
    {
        (_settings, _gateway, _client, _uploads, _warn, _changed, _through) = (settings, gateway, client, uploads, warn, changed, through);
        _run = Task.Run(RunAsync);
    }

    /// <summary>What it is called, for people.</summary>
    public string Name { get; private set; } = "";

    /// <summary>How many pieces of work it does at a time; 0 while it takes none.</summary>
    public int Threads
    {
        get
        {
            lock (_lock) return CanWork ? field : 0;
        }
        private set;
    }

    /// <summary>How many pieces of work it has from here.</summary>
    public int Load
    {
        get
        {
            lock (_lock) return _orders.Count;
        }
    }

    /// <summary>How far it is with a subject; what it does not have is brought to it.</summary>
    public SubjectPhase PhaseOf(SubjectParcel parcel)
    {
        lock (_lock)
        {
            if (_worker is not { } worker || !CanWork) return SubjectPhase.Unfit;
            if (_deliveries.TryGetValue(parcel.Digest, out var known) && !(known.Phase == SubjectPhase.Unfit && known.Since.Elapsed > s_unfit)) return known.Phase;
            var delivery = new Delivery();
            _deliveries[parcel.Digest] = delivery;
            delivery.Run = Task.Run(() => DeliverAsync(worker, parcel, delivery));
            return SubjectPhase.Opening;
        }
    }

    /// <summary>The error of a subject that cannot be used anywhere; null where it is not known to be one.</summary>
    public Exception? WrongWith(SubjectParcel parcel)
    {
        lock (_lock) return _deliveries.GetValueOrDefault(parcel.Digest)?.Error;
    }

    /// <summary>Has work done.</summary>
    /// <exception cref="WorkLostException">It did not come back.</exception>
    /// <exception cref="HaqException">It fails wherever it is done.</exception>
    public async Task<SampleScore[]> ScoreAsync(SubjectParcel parcel, ScoringWork work, CancellationToken cancellation)
    {
        var pending = new PendingOrder(new WorkOrder(Guid.NewGuid(), work.Subject, ScoreCodec.Write(work.Policy), work.Batches), work);
        IWorkerGrain worker;
        Task? delivery;
        lock (_lock)
        {
            worker = _worker ?? throw new WorkLostException($"{Name} is gone") { WasBegun = false };
            delivery = _deliveries.GetValueOrDefault(parcel.Digest)?.Run;
            _orders.Add(pending.Order.Id, pending);
        }
        try
        {
            if (delivery is not null) await delivery.WaitAsync(cancellation).ConfigureAwait(false);
            if (WrongWith(parcel) is { } wrong) throw wrong;
            if (!IsReady(parcel)) throw new WorkLostException($"{Name} cannot use the subject") { WasBegun = false };
            await SubmitAsync(worker, pending).WaitAsync(cancellation).ConfigureAwait(false);
            return await pending.Answer.WaitAsync(cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            _ = Task.Run(() => worker.Withdraw(_client, pending.Order.Id), CancellationToken.None);
            throw;
        }
        finally
        {
            lock (_lock) _orders.Remove(pending.Order.Id);
        }
    }

    // Until it answers again where it did not.
    private bool CanWork => _worker is not null && !_isLeaving && !_isSilent;

    private bool IsReady(SubjectParcel parcel)
    {
        lock (_lock) return _deliveries.GetValueOrDefault(parcel.Digest)?.Phase == SubjectPhase.Ready;
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync().ConfigureAwait(false);
        await _run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _end.Dispose();
    }

    private async Task RunAsync()
    {
        var pause = s_soon;
        int failures = 0;
        while (!_end.IsCancellationRequested)
        {
            try
            {
                await using var connection = await WorkerConnection.OpenAsync(_settings, _gateway, _end.Token).ConfigureAwait(false);
                var worker = _through(connection.Worker);
                if (!await GreetAsync(worker).ConfigureAwait(false)) return;
                (pause, failures) = (s_soon, 0);
                try
                {
                    await CollectAsync(worker).ConfigureAwait(false);
                }
                finally
                {
                    // Before the connection is closed: nobody may ask it for anything any more.
                    Leave();
                }
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                // Whatever Orleans throws where nobody answers: the worker is away, and may come back.
                if (_end.IsCancellationRequested) return;
                if (e is MemberRefusedException || ++failures == MostFailures) SayUnreachable(e);
                pause = pause * 2 < s_later ? pause * 2 : s_later;
            }
            await Task.Delay(pause, _end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void SayUnreachable(Exception e) =>
        _warn(DiagnosticCatalog.WorkerAside.At(null, $"the worker at {_gateway.Authority} cannot be used: {WorkerRoll.ProblemOf(e, _settings)}"));

    private async Task<bool> GreetAsync(IWorkerGrain worker)
    {
        var greeting = await worker.Greet(WorkerIdentity.Here).ConfigureAwait(false);
        // Each side looks for itself: the other one may be too old to know what has to agree.
        if ((greeting.Refusal ?? WorkerIdentity.Disagreement(greeting.Worker, WorkerIdentity.Here)) is { } refusal)
        {
            _warn(DiagnosticCatalog.WorkerRefused.At(null, $"the worker {greeting.Name} does not work for this client: {refusal}."));
            return false;
        }
        lock (_lock) (Name, Threads, _worker, _isLeaving, _isSilent) = (greeting.Name, greeting.Threads, worker, false, false);
        _changed();
        return true;
    }

    // Until the worker is silent for too long.
    private async Task CollectAsync(IWorkerGrain worker)
    {
        int failures = 0;
        int wait = (int)Math.Min(s_longestWait.TotalMilliseconds, _settings.Patience.TotalMilliseconds / 3);
        while (!_end.IsCancellationRequested)
        {
            ImmutableArray<Guid> received;
            List<PendingOrder> submitted;
            lock (_lock) (received, submitted) = ([.. _received], [.. _orders.Values.Where(o => o.IsSubmitted)]);
            try
            {
                var collection = await worker.Collect(_client, received, wait).WaitAsync(_settings.Patience, _end.Token).ConfigureAwait(false);
                failures = 0;
                Take(collection, received, submitted);
            }
            catch (Exception e) when (e is not OperationCanceledException and not TimeoutException && ++failures < MostFailures)
            {
                lock (_lock) _isSilent = true;
                await Task.Delay(s_soon, _end.Token).ConfigureAwait(false);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                _warn(DiagnosticCatalog.WorkerAside.At(null, $"the worker {Name} does not answer{(e is TimeoutException ? $" within {_settings.Patience.TotalSeconds:0.#} s" : "")}: its work is done elsewhere. It is used again when it comes back."));
                return;
            }
        }
    }

    private void Take(Collection collection, ImmutableArray<Guid> received, List<PendingOrder> submitted)
    {
        bool leaves;
        lock (_lock)
        {
            _received.RemoveAll(received.Contains);
            leaves = collection.IsLeaving && !_isLeaving;
            (_isLeaving, _isSilent) = (collection.IsLeaving, false);
            foreach (var answer in collection.Answers) _received.Add(answer.Id);
        }
        if (leaves) _changed();
        foreach (var answer in collection.Answers)
        {
            PendingOrder? pending;
            lock (_lock) pending = _orders.GetValueOrDefault(answer.Id);
            // Late, or told twice: nobody waits for it.
            if (pending is null) continue;
            if (pending.Take(answer) is { } wrong) Distrust(pending.Order.Subject, wrong);
            else if (answer.Outcome == WorkOutcome.HandedBack) Forget(answer.Subject);
        }
        var held = collection.Held.ToHashSet();
        foreach (var order in submitted)
            if (!held.Contains(order.Order.Id)) order.Lose($"{Name} no longer has it");
    }

    // It has something else there, or its memory is bad: it gets no more of that for a while.
    private void Distrust(string subject, string wrong)
    {
        lock (_lock) _deliveries[subject] = new Delivery { Phase = SubjectPhase.Unfit };
        _warn(DiagnosticCatalog.WorkerAside.At(null, $"an answer of the worker {Name} was refused: {wrong}. The work is done again, and the worker left aside for a while."));
    }

    // It may have closed the subject: it is brought again if it has to be.
    private void Forget(string subject)
    {
        lock (_lock) _deliveries.Remove(subject);
    }

    private async Task SubmitAsync(IWorkerGrain worker, PendingOrder pending)
    {
        try
        {
            if (await worker.Submit(_client, pending.Order).WaitAsync(_settings.Patience).ConfigureAwait(false))
            {
                pending.IsSubmitted = true;
                return;
            }
            lock (_lock) _isLeaving = true;
        }
        catch (Exception e)
        {
            lock (_lock) _isSilent = true;
            throw new WorkLostException($"{Name} did not take the work: {e.Message}", e) { WasBegun = false };
        }
        throw new WorkLostException($"{Name} takes no more work") { WasBegun = false };
    }

    private async Task DeliverAsync(IWorkerGrain worker, SubjectParcel parcel, Delivery delivery)
    {
        try
        {
            var state = await new SubjectDelivery(_client, parcel, _uploads, MostStandstill * _settings.Patience).DeliverAsync(worker, _end.Token).ConfigureAwait(false);
            lock (_lock)
            {
                delivery.Phase = state.Phase;
                delivery.Since.Restart();
                if (state.Phase == SubjectPhase.Wrong) delivery.Error = PendingOrder.Said(state.Code, state.Message);
            }
            if (state.Phase == SubjectPhase.Unfit) _warn(DiagnosticCatalog.WorkerAside.At(null, $"the worker {Name} is left aside for a while: {state.Message?.TrimEnd('.')}. Its work is done elsewhere."));
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // It is away, or this client ends; where it comes back, it is asked again.
            lock (_lock)
            {
                delivery.Phase = SubjectPhase.Unfit;
                delivery.Since.Restart();
            }
        }
        _changed();
    }

    private void Leave()
    {
        PendingOrder[] lost;
        bool was;
        lock (_lock)
        {
            was = _worker is not null;
            _worker = null;
            _deliveries.Clear();
            _received.Clear();
            lost = [.. _orders.Values];
        }
        foreach (var order in lost) order.Lose($"{Name} does not answer");
        if (was) _changed();
    }

    private sealed class Delivery
    {
        public SubjectPhase Phase { get; set; } = SubjectPhase.Opening;

        public System.Diagnostics.Stopwatch Since { get; } = System.Diagnostics.Stopwatch.StartNew();

        public Exception? Error { get; set; }

        public Task Run { get; set; } = Task.CompletedTask;
    }
}
