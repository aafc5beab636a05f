namespace Haq.Engine.Search.Ddpg;

/// <summary>
/// Work in two halves, many times in a row: the second half is another thread's where one is there in time, otherwise the caller's too. A half is mostly the same thread's each time, so that what it
/// moves stays in that core's cache. What is computed does not depend on who does it.
/// </summary>
internal sealed class TwoHands : IDisposable
{
    private const int Nothing = 0, Open = 1, Taken = 2;

    private readonly Task? _other;
    private Action<int> _work = _ => { };
    private int _state;
    private bool _isOver;

    /// <summary>Asks for another thread, which looks for work until this is disposed of.</summary>
    public TwoHands() : this(isAlone: Environment.ProcessorCount == 1) { }

    private TwoHands(bool isAlone) => _other = isAlone ? null : Task.Run(Help);

    /// <summary>The caller's thread alone.</summary>
    public static TwoHands Alone() => new(isAlone: true);

    /// <summary>Runs <paramref name="work"/> for 0 and for 1; returns when both are done.</summary>
    public void Run(Action<int> work)
    {
        _work = work;
        Volatile.Write(ref _state, Open);
        work(0);
        if (Interlocked.CompareExchange(ref _state, Nothing, Open) == Open)
        {
            work(1);
            return;
        }
        var wait = new SpinWait();
        while (Volatile.Read(ref _state) == Taken)
        {
            if (_other!.IsCompleted) _other.GetAwaiter().GetResult();
            wait.SpinOnce(sleep1Threshold: -1);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Volatile.Write(ref _isOver, true);
        _other?.GetAwaiter().GetResult();
    }

    private void Help()
    {
        var wait = new SpinWait();
        while (!Volatile.Read(ref _isOver))
        {
            if (Volatile.Read(ref _state) != Open || Interlocked.CompareExchange(ref _state, Taken, Open) != Open)
            {
                wait.SpinOnce(sleep1Threshold: -1);
                continue;
            }
            _work(1);
            Volatile.Write(ref _state, Nothing);
            wait.Reset();
        }
    }
}
