using Haq.Cluster.Protocol;
using Haq.Engine.Evaluation.Distributed;
using Haq.Engine.Pipeline.Parcels;

namespace Haq.Cluster.Workers;

/// <summary>The subjects that a worker has open or is opening. What nobody needs goes when there are too many. For several callers.</summary>
internal sealed class SubjectShelf(PartStore store, PartFetcher? fetcher, WorkerMeter meter, WorkerOptions options, IProgress<string> log) : IAsyncDisposable
{
    private static readonly TimeSpan s_moment = TimeSpan.FromMilliseconds(300);

    private readonly Dictionary<string, ShelvedSubject> _subjects = new(StringComparer.Ordinal);
    private long _uses;

    /// <summary>How many there are.</summary>
    public int Count
    {
        get
        {
            lock (_subjects) return _subjects.Count;
        }
    }

    /// <summary>A client names a subject.</summary>
    public async Task<SubjectState> OfferAsync(byte[] description)
    {
        var (subject, superfluous) = Take(description);
        foreach (var old in superfluous) await old.CloseAsync().ConfigureAwait(false);
        return await AdvanceAsync(subject).ConfigureAwait(false);
    }

    /// <summary>How far a subject is; null where nobody named it, or not lately.</summary>
    public async Task<SubjectState?> AskAsync(string digest)
    {
        ShelvedSubject? subject;
        lock (_subjects)
        {
            if (!_subjects.TryGetValue(digest, out subject)) return null;
            subject.LastUse = ++_uses;
        }
        return await AdvanceAsync(subject).ConfigureAwait(false);
    }

    private async Task<SubjectState> AdvanceAsync(ShelvedSubject subject)
    {
        var state = await subject.AdvanceAsync(s_moment).ConfigureAwait(false);
        if (state.Phase is SubjectPhase.Unfit or SubjectPhase.Wrong)
        {
            log.Report($"subject {subject.Digest[..12]} cannot be used: {state.Message}");
            await DropAsync(subject).ConfigureAwait(false);
        }
        return state;
    }

    /// <summary>A client hands over bytes of a part.</summary>
    /// <exception cref="Haq.Engine.Diagnostics.HaqException">There is no room for it (HAQ0972).</exception>
    /// <exception cref="InvalidDataException">It is not what it is said to be, or nobody named it.</exception>
    public long Append(SubjectPart part, long offset, byte[] bytes)
    {
        lock (_subjects)
            if (!_subjects.Values.Any(s => s.Parts.Contains(part))) throw new InvalidDataException($"no subject that was named has a part {part.Digest} of {part.Bytes} bytes");
        long next = store.Append(part, offset, bytes);
        if (next > offset) meter.Fetched(Math.Min(next - offset, bytes.Length), "client");
        return next;
    }

    /// <summary>Where to score on a subject, until <see cref="Leave"/>; null where it is not open.</summary>
    public LocalPool? Enter(string digest)
    {
        lock (_subjects)
        {
            if (!_subjects.TryGetValue(digest, out var subject) || subject.Pool is not { } pool) return null;
            subject.Users++;
            subject.LastUse = ++_uses;
            return pool;
        }
    }

    /// <summary>Ends an <see cref="Enter"/>.</summary>
    public void Leave(string digest)
    {
        lock (_subjects)
            if (_subjects.TryGetValue(digest, out var subject)) subject.Users--;
    }

    public async ValueTask DisposeAsync()
    {
        ShelvedSubject[] all;
        lock (_subjects)
        {
            all = [.. _subjects.Values];
            _subjects.Clear();
        }
        foreach (var subject in all) await subject.CloseAsync().ConfigureAwait(false);
    }

    private (ShelvedSubject Subject, List<ShelvedSubject> Superfluous) Take(byte[] description)
    {
        string digest = SubjectParcel.DigestOf(description);
        lock (_subjects)
        {
            if (!_subjects.TryGetValue(digest, out var subject)) _subjects[digest] = subject = new ShelvedSubject(description, store, fetcher, options.Threads);
            subject.LastUse = ++_uses;
            var superfluous = _subjects.Values.Where(s => s.Users == 0 && s != subject).OrderBy(s => s.LastUse).Take(Math.Max(0, _subjects.Count - options.OpenSubjects)).ToList();
            foreach (var old in superfluous) _subjects.Remove(old.Digest);
            return (subject, superfluous);
        }
    }

    private async Task DropAsync(ShelvedSubject subject)
    {
        lock (_subjects)
            if (subject.Users > 0 || !_subjects.Remove(subject.Digest)) return;
        await subject.CloseAsync().ConfigureAwait(false);
    }
}
