using System.Diagnostics;

namespace Haq.Engine.Pipeline.Running;

/// <summary>Times stages; while one asks for another's result, its own clock stands still. For one caller at a time.</summary>
internal sealed class StageClock
{
    private readonly Stack<Turn> _turns = new();
    private readonly List<StageTime> _times = [];

    /// <summary>Every stage that ran, with all its turns together; those that are running are left out.</summary>
    public IReadOnlyList<StageTime> Times =>
    [
        .. _times.GroupBy(t => t.Stage, StringComparer.Ordinal)
            .Select(g => new StageTime(g.Key, TimeSpan.FromTicks(g.Sum(t => t.Elapsed.Ticks)), g.All(t => t.IsCached))),
    ];

    /// <summary>Starts the clock of a stage and stops the one that asked.</summary>
    public Turn Start(string stage)
    {
        if (_turns.TryPeek(out var asking)) asking.Watch.Stop();
        var turn = new Turn(this, stage);
        _turns.Push(turn);
        return turn;
    }

    internal sealed class Turn(StageClock clock, string stage) : IDisposable
    {
        public Stopwatch Watch { get; } = Stopwatch.StartNew();

        /// <summary>The result came from the cache.</summary>
        public bool IsCached { get; set; }

        public void Dispose()
        {
            Watch.Stop();
            clock._turns.Pop();
            clock._times.Add(new StageTime(stage, Watch.Elapsed, IsCached));
            if (clock._turns.TryPeek(out var asking)) asking.Watch.Start();
        }
    }
}
