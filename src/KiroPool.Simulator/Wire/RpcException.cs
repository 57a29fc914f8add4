namespace KiroPool.Simulator;

/// <summary>A request that is answered with an error, in the shape of the engine that fails.</summary>
internal sealed class RpcException : Exception
{
    public const int ParseError = -32700;
    public const int InvalidRequest = -32600;
    public const int MethodNotFound = -32601;
    public const int InvalidParams = -32602;
    public const int InternalError = -32603;
    public const int AuthenticationRequired = -32000;

    /// <summary>The shape of v2: a title of the code, and the real text in <c>data</c>.</summary>
    public RpcException(int code, string text)
        : this(code, text, TitleOf(code), json => json.WriteString("data"u8, text))
    {
    }

    private RpcException(int code, string text, string title, FrameBody? writeData)
        : base(text) => (Code, Title, WriteData) = (code, title, writeData);

    public int Code { get; }

    public string Title { get; }

    /// <summary>Writes the property <c>data</c>; null for none.</summary>
    public FrameBody? WriteData { get; }

    /// <summary>The text is the message, and there is nothing else.</summary>
    public static RpcException Bare(int code, string text) => new(code, text, text, null);

    /// <summary>An error of v3's own: always the same code; what it is stands in <c>data</c>.</summary>
    public static RpcException Kas(string text, string errorType, string retryErrorType) => new(AuthenticationRequired, text, text, json =>
    {
        json.WriteStartObject("data"u8);
        json.WriteString("errorType"u8, errorType);
        json.WriteString("retryErrorType"u8, retryErrorType);
        json.WriteString("requestId"u8, Guid.NewGuid().ToString());
        json.WriteEndObject();
    });

    /// <summary>An error of the library v3 is built on.</summary>
    public static RpcException Details(string details) => new(InternalError, details, TitleOf(InternalError), json =>
    {
        json.WriteStartObject("data"u8);
        json.WriteString("details"u8, details);
        json.WriteEndObject();
    });

    public static RpcException Unknown(string method) => new(MethodNotFound, method);

    public static RpcException Invalid(string reason) => new(InvalidParams, reason);

    public static RpcException Internal(string reason) => new(InternalError, reason);

    private static string TitleOf(int code) => code switch
    {
        ParseError => "Parse error",
        InvalidRequest => "Invalid request",
        MethodNotFound => "Method not found",
        InvalidParams => "Invalid params",
        AuthenticationRequired => "Authentication required",
        _ => "Internal error",
    };
}
