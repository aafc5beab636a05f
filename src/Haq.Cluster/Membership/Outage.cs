using Orleans.Runtime;

namespace Haq.Cluster.Membership;

/// <summary>Others declared the silo dead. Orleans would end the process; a member of a haq cluster only has to join again.</summary>
internal sealed class Outage : IFatalErrorHandler
{
    // What follows is the whole list of members.
    private const string Detail = " Membership: ";

    private readonly TaskCompletionSource _happened = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Happened => _happened.Task;

    public string? Why { get; private set; }

    public void Say(string why) => Why ??= why;

    public bool IsUnexpected(Exception exception) => exception is not OperationCanceledException;

    public void OnFatalException(object? sender = null, string? context = null, Exception? exception = null)
    {
        Why ??= (exception?.Message ?? context)?.Split(Detail)[0];
        _happened.TrySetResult();
    }
}
