using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Mercato.Fake;

/// <summary>
/// Writes a connection's output to its socket without the server's own queue. When a flush returns, the bytes are with
/// the operating system, so the journal never claims bytes that a following reset threw away. Also gives faults the
/// bare socket.
/// </summary>
internal sealed class DirectOutput(Socket socket, IDuplexPipe server, Stream stream) : IDuplexPipe
{
    public PipeReader Input => server.Input;

    public PipeWriter Output { get; } = PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true));

    /// <summary>Past HTTP: what is written here reaches the client as it is.</summary>
    public Stream Raw => stream;

    public static ConnectionDelegate UseAsync(ConnectionDelegate next) => async connection =>
    {
        var server = connection.Transport;
        var socket = connection.Features.GetRequiredFeature<IConnectionSocketFeature>().Socket;
        await using var stream = new NetworkStream(socket, ownsSocket: false);
        var direct = new DirectOutput(socket, server, stream);
        connection.Transport = direct;
        connection.Features.Set(direct);
        try
        {
            await next(connection);
        }
        finally
        {
            await direct.Output.CompleteAsync();
            connection.Transport = server;
        }
    };

    /// <summary>The client sees the connection reset.</summary>
    public void Reset() => socket.Close(timeout: 0);

    /// <summary>The client sees an end of file, in the middle of whatever it was reading.</summary>
    public void Finish() => socket.Shutdown(SocketShutdown.Send);
}
