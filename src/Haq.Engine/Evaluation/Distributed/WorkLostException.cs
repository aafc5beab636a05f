namespace Haq.Engine.Evaluation.Distributed;

/// <summary>Work did not come back. It can be done again, by another worker: nothing of it has any effect but its answer.</summary>
public sealed class WorkLostException : Exception
{
    /// <summary>Says who lost the work and why.</summary>
    public WorkLostException(string message, Exception? inner = null) : base(message, inner) { }

    /// <summary>Somebody had begun, so that the work itself may be to blame; false where nobody took it.</summary>
    public bool WasBegun { get; init; } = true;
}
