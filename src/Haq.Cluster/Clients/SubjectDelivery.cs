using System.Diagnostics;
using Haq.Cluster.Protocol;
using Haq.Engine.Pipeline.Parcels;

namespace Haq.Cluster.Clients;

/// <summary>Brings one subject to one worker: names it, and hands over what the worker cannot get otherwise.</summary>
/// <param name="client">Who delivers.</param>
/// <param name="parcel">The subject.</param>
/// <param name="uploads">The shared cache, where there is one.</param>
/// <param name="standstill">How long a worker may get no further.</param>
internal sealed class SubjectDelivery(Guid client, SubjectParcel parcel, PartUploads? uploads, TimeSpan standstill)
{
    private const int ChunkBytes = 256 << 10;

    private static readonly TimeSpan s_first = TimeSpan.FromMilliseconds(20), s_longest = TimeSpan.FromSeconds(1);

    /// <summary>Goes on until the subject is open there, or cannot be.</summary>
    /// <returns><see cref="SubjectPhase.Ready"/>, <see cref="SubjectPhase.Unfit"/> or <see cref="SubjectPhase.Wrong"/>.</returns>
    public async Task<SubjectState> DeliverAsync(IWorkerGrain worker, CancellationToken cancellation)
    {
        byte[] description = [.. parcel.Description];
        bool isUploaded = false;
        SubjectState? last = null;
        var still = Stopwatch.StartNew();
        for (var pause = s_first; ; pause = pause * 2 < s_longest ? pause * 2 : s_longest)
        {
            cancellation.ThrowIfCancellationRequested();
            // The description of many parts is large: it is sent once, and again where the worker forgot it.
            var state = (last is null ? null : await worker.Ask(client, parcel.Digest).ConfigureAwait(false)) ?? await worker.Offer(client, description).ConfigureAwait(false);
            if (last is null || state.Phase != last.Phase || !state.Missing.SequenceEqual(last.Missing)) still.Restart();
            else if (still.Elapsed > standstill) return new SubjectState(SubjectPhase.Unfit, [], null, $"it gets no further with a subject ({state.Phase}) for {standstill.TotalMinutes:0} minutes");
            last = state;
            switch (state.Phase)
            {
                case SubjectPhase.Opening:
                    await Task.Delay(pause, cancellation).ConfigureAwait(false);
                    break;
                case SubjectPhase.Missing when uploads is not null && !isUploaded:
                    // Once for all workers, in place of once for each.
                    isUploaded = true;
                    await uploads.EnsureAsync(parcel, state.Missing, cancellation).ConfigureAwait(false);
                    break;
                case SubjectPhase.Missing:
                    foreach (string digest in state.Missing)
                        if (await GiveAsync(worker, parcel.Parts.First(p => p.Digest == digest), cancellation).ConfigureAwait(false) is { } problem) return problem;
                    break;
                default:
                    return state;
            }
        }
    }

    private async Task<SubjectState?> GiveAsync(IWorkerGrain worker, SubjectPart part, CancellationToken cancellation)
    {
        long offset = 0;
        do
        {
            cancellation.ThrowIfCancellationRequested();
            byte[] chunk = new byte[(int)Math.Min(ChunkBytes, part.Bytes - offset)];
            parcel.Read(part, offset, chunk);
            var state = await worker.Give(client, part.Digest, part.Bytes, offset, chunk).ConfigureAwait(false);
            if (state.Problem is { } problem) return new SubjectState(SubjectPhase.Unfit, [], null, problem);
            offset = Math.Clamp(state.Next, 0, part.Bytes);
        }
        while (offset < part.Bytes);
        return null;
    }
}
