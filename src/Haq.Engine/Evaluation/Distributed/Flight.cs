using System.Collections.Immutable;

namespace Haq.Engine.Evaluation.Distributed;

/// <summary>Work that was given out and has not come back.</summary>
/// <param name="agenda">Whose work.</param>
/// <param name="measurement">Which policy's.</param>
/// <param name="batches">Which batches.</param>
/// <param name="began">When, by the clock's timestamps.</param>
internal sealed class Flight(Agenda agenda, Measurement measurement, ImmutableArray<int> batches, long began)
{
    private readonly CancellationTokenSource _cancellation = new();

    /// <summary>Whose work.</summary>
    public Agenda Agenda { get; } = agenda;

    /// <summary>Which policy's.</summary>
    public Measurement Measurement { get; } = measurement;

    /// <summary>Which.</summary>
    public ImmutableArray<int> Batches { get; } = batches;

    /// <summary>When it was given out.</summary>
    public long Began { get; } = began;

    /// <summary>Two have the same work, as the first is late with it.</summary>
    public bool IsDoubled { get; set; }

    /// <summary>Fires when nobody waits for it any more.</summary>
    public CancellationToken Ended => _cancellation.Token;

    /// <summary>Ends it wherever it is; does not wait.</summary>
    public void End() => _ = _cancellation.CancelAsync();
}
